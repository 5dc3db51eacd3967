package io.hearth.worker.integrity;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A steady rate: after each piece of work, the next may begin when the piece's share of the time is over. Time that was
 * not used is lost, so that a pause is not followed by a burst. One thread's.
 */
final class Pace {
    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    private long nextNanos;
    private boolean begun;

    /** @param bytesPerSecond above 0 */
    Pace(long bytesPerSecond, LongSupplier nanoTime) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
    }

    /** Counts the next piece in; gives how long to wait before it begins. */
    long waitNanos(int bytes) {
        long now = nanoTime.getAsLong();
        if (!begun || now - nextNanos > 0) {
            begun = true;
            nextNanos = now;
        }
        long wait = nextNanos - now;
        nextNanos += (long) ((double) bytes / bytesPerSecond * NANOS);
        return wait;
    }
}
