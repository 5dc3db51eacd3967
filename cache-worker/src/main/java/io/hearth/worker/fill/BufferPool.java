package io.hearth.worker.fill;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/**
 * Direct buffers of one size, up to a bound; who finds none waits in line without blocking. A waiter's future is completed
 * by the thread that gives a buffer back. Thread-safe.
 */
public final class BufferPool {
    private final int bufferBytes;
    private final int buffersMax;
    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private final ArrayDeque<CompletableFuture<ByteBuffer>> waiting = new ArrayDeque<>();
    private int made;

    /** @param buffersMax at least 1; a buffer is made when first needed and kept */
    public BufferPool(int bufferBytes, int buffersMax) {
        this.bufferBytes = bufferBytes;
        this.buffersMax = Math.max(1, buffersMax);
    }

    /** A cleared buffer, now or later. */
    public synchronized CompletableFuture<ByteBuffer> take() {
        ByteBuffer buffer = free.poll();
        if (buffer == null && made < buffersMax) {
            buffer = make();
        }
        if (buffer != null) {
            return CompletableFuture.completedFuture(buffer.clear());
        }
        CompletableFuture<ByteBuffer> later = new CompletableFuture<>();
        waiting.add(later);
        return later;
    }

    /** A new buffer; null if the JVM has no room for it, and one that is given back must do. */
    private ByteBuffer make() {
        try {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bufferBytes);
            made++;
            return buffer;
        } catch (OutOfMemoryError e) {
            if (made == 0) {
                throw new HearthException(
                        FailureKind.OVERLOADED, "no memory for fills: raise -XX:MaxDirectMemorySize", e);
            }
            return null;
        }
    }

    /** Takes a buffer back. */
    public void give(ByteBuffer buffer) {
        CompletableFuture<ByteBuffer> next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                free.push(buffer);
                return;
            }
        }
        next.complete(buffer.clear());
    }

    /** Bytes of all buffers in use. */
    public synchronized long usedBytes() {
        return (long) (made - free.size()) * bufferBytes;
    }
}
