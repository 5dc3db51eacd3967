package io.hearth.client;

import io.hearth.objectstore.RangeSink;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps the bytes that it is given. */
public final class Collector implements RangeSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public synchronized CompletionStage<Void> accept(ByteBuffer given) {
        byte[] copy = new byte[given.remaining()];
        given.get(copy);
        bytes.writeBytes(copy);
        return CompletableFuture.completedFuture(null);
    }

    public synchronized byte[] bytes() {
        return bytes.toByteArray();
    }
}
