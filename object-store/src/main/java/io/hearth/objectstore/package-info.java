/**
 * The origin: what Hearth asks of an object store, and the S3 implementation.
 *
 * <p>Start with {@link io.hearth.objectstore.ObjectStore}. The master lists through it; workers, and mounts without a
 * worker, fetch ranges through it. The SDK's exceptions end here: callers see {@code HearthException}.
 */
package io.hearth.objectstore;
