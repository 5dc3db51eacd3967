package io.hearth.objectstore;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/** Takes the bytes of a range in order. Called by one thread at a time, never before the last stage is done. */
@FunctionalInterface
public interface RangeSink {
    /**
     * Takes the next bytes. The buffer belongs to the caller again once the returned stage is done; until then no more
     * bytes come (back-pressure). Must not block: the caller may be an event loop.
     *
     * @return done when the bytes are consumed; failed to stop the transfer
     */
    CompletionStage<Void> accept(ByteBuffer bytes);
}
