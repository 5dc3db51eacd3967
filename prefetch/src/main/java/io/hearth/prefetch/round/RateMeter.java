package io.hearth.prefetch.round;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/** A rate over the last seconds. Not thread-safe. */
final class RateMeter {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ArrayDeque<Sample> samples = new ArrayDeque<>();

    private record Sample(long nanos, long bytes) {}

    /** Notes how far it is; a step back, as after a loss, begins anew. */
    void at(long nowNanos, long bytes) {
        if (!samples.isEmpty() && bytes < samples.peekLast().bytes()) {
            samples.clear();
        }
        samples.addLast(new Sample(nowNanos, bytes));
        while (samples.size() > 2 && nowNanos - samples.peekFirst().nanos() > WINDOW_NANOS) {
            samples.removeFirst();
        }
    }

    void reset() {
        samples.clear();
    }

    /** Bytes per second; 0 while nothing is known. */
    long bytesPerSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        long nanos = samples.peekLast().nanos() - samples.peekFirst().nanos();
        long bytes = samples.peekLast().bytes() - samples.peekFirst().bytes();
        return nanos <= 0 ? 0 : Math.round(bytes * 1e9 / nanos);
    }
}
