package io.hearth.fuse.kernel.session;

import io.hearth.fuse.kernel.device.NativeBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;

/**
 * Buffers for the bytes of long reads, made when first needed and bounded in number; the last used first. Thread-safe.
 */
final class ReplyBuffers {
    private final Semaphore left;
    private final int bufferBytes;
    private final Deque<NativeBuffer> idle = new ArrayDeque<>();

    /** @param bufferBytes of the longest read */
    ReplyBuffers(long totalBytesMax, int bufferBytes) {
        this.left = new Semaphore((int) Math.max(1, Math.min(Integer.MAX_VALUE, totalBytesMax / bufferBytes)));
        this.bufferBytes = bufferBytes;
    }

    int bufferBytes() {
        return bufferBytes;
    }

    /** Waits for one; who has one waits for its bytes alone, and that has its own bound. */
    NativeBuffer take() throws InterruptedException {
        left.acquire();
        synchronized (idle) {
            if (!idle.isEmpty()) {
                return idle.pop();
            }
        }
        return NativeBuffer.allocate(bufferBytes);
    }

    void give(NativeBuffer buffer) {
        synchronized (idle) {
            idle.push(buffer);
        }
        left.release();
    }
}
