/**
 * The origin: what Hearth asks of an object store, and the S3 implementation.
 *
 * <p>Start with {@link io.hearth.objectstore.ObjectStore}. {@link io.hearth.objectstore.S3ObjectStores} opens stores, one
 * instance per process; {@link io.hearth.objectstore.RangeFetch} reads ranges through failures, as many at once as an origin's gate lets through; {@link
 * io.hearth.objectstore.OriginCheck} says what is wrong with an origin. The master lists through it; workers, and mounts without a
 * worker, fetch ranges through it. The SDK's exceptions end here: callers see {@code HearthException}.
 */
package io.hearth.objectstore;
