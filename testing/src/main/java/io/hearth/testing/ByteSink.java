package io.hearth.testing;

import io.hearth.objectstore.RangeSink;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps what it is given. For ranges that fit in memory. */
public final class ByteSink implements RangeSink {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    @Override
    public synchronized CompletionStage<Void> accept(ByteBuffer bytes) {
        byte[] piece = new byte[bytes.remaining()];
        bytes.get(piece);
        received.writeBytes(piece);
        return CompletableFuture.completedStage(null);
    }

    public synchronized byte[] bytes() {
        return received.toByteArray();
    }
}
