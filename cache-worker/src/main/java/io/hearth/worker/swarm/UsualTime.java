package io.hearth.worker.swarm;

/**
 * The usual length of something, in nanoseconds: about the median of what was seen, in one number that moves by a
 * twentieth towards each new one (after Ma, Muthukrishnan and Sandler's frugal streaming, 2013). Few that are very long
 * do not move it. Not thread-safe.
 */
final class UsualTime {
    private static final double STEP = 0.05;
    private static final int KNOWN = 16;

    private double nanos;
    private int count;

    void saw(double seenNanos) {
        count++;
        if (nanos == 0) {
            nanos = seenNanos;
        } else if (seenNanos > nanos) {
            nanos += nanos * STEP;
        } else if (seenNanos < nanos) {
            nanos -= nanos * STEP;
        }
    }

    /** Whether enough were seen to judge others by it. */
    boolean isKnown() {
        return count >= KNOWN;
    }

    /** 0 where nothing was seen. */
    double nanos() {
        return nanos;
    }
}
