package io.hearth.client;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Claim;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Where bytes of objects come from: the origin, or a worker. Thread-safe; nothing blocks. */
public interface Source {
    /** Name for metrics and logs: {@code origin}, {@code worker}. */
    String name();

    /**
     * Streams exactly {@code length} bytes of that version from {@code offset} on, in order. Fails with a
     * {@link io.hearth.protocol.HearthException} alone, possibly after some bytes; its kind says whether another source
     * may help. Cancelling the future stops the transfer.
     */
    CompletableFuture<Void> fetch(RequestContext context, ObjectRef object, long offset, int length, RangeSink sink);

    /**
     * Checksums of the whole object that the origin keeps, the cheapest to compare first; empty from a source that
     * knows of none. At most one request. Fails as {@link #fetch}.
     */
    default CompletableFuture<List<ObjectChecksum>> checksums(RequestContext context, ObjectRef object) {
        return CompletableFuture.completedFuture(List.of());
    }

    /**
     * The same in pieces: a source whose connections are slow gives several side by side, others all in one.
     *
     * @param claim how urgent it is; may rise later
     */
    default CompletableFuture<Void> fetchPieces(
            RequestContext context, ObjectRef object, long offset, int length, Claim claim, PieceSinks sinks) {
        return fetch(context, object, offset, length, sinks.open(offset, length));
    }
}
