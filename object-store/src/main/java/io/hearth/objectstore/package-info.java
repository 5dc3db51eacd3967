/**
 * The origin: what Hearth asks of an object store.
 *
 * <p>Start with {@link io.hearth.objectstore.ObjectStore}. {@link io.hearth.objectstore.s3.S3ObjectStores} opens
 * stores, one instance per process; {@link io.hearth.objectstore.engine.RangeFetch} reads ranges of any of them through
 * failures, as many at once as an origin's gate lets through; {@link io.hearth.objectstore.OriginCheck} says what is
 * wrong with an origin. The master lists through it; workers, and mounts without a worker, fetch ranges through it. The
 * packages below know this one, and neither knows the other. Callers see {@code HearthException} alone.
 */
package io.hearth.objectstore;
