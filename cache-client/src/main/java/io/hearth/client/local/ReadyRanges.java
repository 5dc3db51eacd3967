package io.hearth.client.local;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.util.concurrent.CompletableFuture;

/** Asks workers which bytes of a granted file are there. Thread-safe; nothing blocks. */
public interface ReadyRanges {
    /** Told of ranges in ascending order, on an event loop. */
    @FunctionalInterface
    interface Listener {
        void ready(long offset, long length);
    }

    /** Whether this worker is the one to read that block from now. */
    boolean from(String workerId, ObjectRef object, int block);

    /**
     * Has the worker bring these bytes, at most a block, and say when they are there.
     *
     * @return done when all are; failed with a {@link io.hearth.protocol.HearthException}: read elsewhere
     */
    CompletableFuture<Void> await(
            String workerId,
            long grant,
            RequestContext context,
            ObjectRef object,
            long offset,
            int length,
            Listener listener);
}
