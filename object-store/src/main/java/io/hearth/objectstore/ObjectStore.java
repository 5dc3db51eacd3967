package io.hearth.objectstore;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Validator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One bucket of an object store, read-only. Thread-safe; no method blocks. Every future fails with a
 * {@link io.hearth.protocol.HearthException} alone: {@link FailureKind#NOT_FOUND} (bucket or key),
 * {@link FailureKind#DENIED} (credentials), {@link FailureKind#STALE} (another version is there),
 * {@link FailureKind#UNAVAILABLE} (refused, 5xx), {@link FailureKind#OVERLOADED} (503 Slow Down, 429),
 * {@link FailureKind#TIMEOUT}.
 */
public interface ObjectStore extends AutoCloseable {
    /**
     * Lists keys in UTF-8 order.
     *
     * @param prefix what the keys start with; empty for all
     * @param continuation {@link ListPage#next()} of the page before; empty for the first
     * @param keysMax 1 to 1000
     */
    CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax);

    /** Size and version of the object under {@code key} as it stands now. */
    CompletableFuture<ListedObject> head(String key);

    /**
     * The checksums that the store keeps of the whole object, the cheapest to compare first. Empty where it has none:
     * many stores keep none, and composite ones, of the parts of an upload, say nothing of the whole. One request.
     *
     * @return fails with {@link FailureKind#STALE} where another version is there
     */
    CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator);

    /**
     * Streams exactly the asked range of exactly the asked version into {@code sink}. The answer's range, total size
     * and length are checked; a failure may come after some bytes have been given, and while the sink still holds the
     * last buffer; it gets no further one. Cancelling the future gives the request up. One attempt:
     * {@link io.hearth.objectstore.engine.RangeFetch} adds retries that go on after the last byte given.
     */
    CompletableFuture<Void> get(RangeRequest range, RangeSink sink);

    /** Frees connections; requests in flight fail. */
    @Override
    void close();

    /** Some keys, and where the next page starts; no next on the last page. */
    record ListPage(List<ListedObject> objects, Optional<String> next) {}

    /** What a listing says of an object. */
    record ListedObject(String key, long sizeBytes, long modifiedMs, Validator validator) {}

    /**
     * A range of one version.
     *
     * @param objectBytes the whole object's size, which the answer must confirm
     * @param offset first byte, within the object
     * @param length 1 to 2^31-1, within the object
     */
    record RangeRequest(String key, Validator validator, long objectBytes, long offset, int length) {}
}
