package io.hearth.client.read;

/**
 * How fast a reader would go if its bytes were always there: what it read, over the time in which it had nothing asked
 * for. What it waits for says nothing about what it wants. Not thread-safe.
 */
final class Pace {
    /** What lies further back counts half as much. */
    private static final long MEMORY_BYTES = 32L << 20;

    /** A pause is no rate: one of ten seconds would take hundreds of MiB to forget. */
    private static final long GAP_NS_MAX = 250_000_000;

    private int underWay;
    private boolean begun;
    private long idleFromNs;
    private double bytes;
    private double idleNs;

    void begins(long nowNs) {
        if (underWay == 0 && begun) {
            idleNs += Math.min(GAP_NS_MAX, Math.max(0, nowNs - idleFromNs));
        }
        underWay++;
        begun = true;
    }

    void ends(int length, long nowNs) {
        bytes += length;
        if (bytes > MEMORY_BYTES) {
            bytes /= 2;
            idleNs /= 2;
        }
        underWay--;
        idleFromNs = nowNs;
    }

    /** Infinite while nothing is known. */
    double bytesPerSecond() {
        return idleNs == 0 ? Double.POSITIVE_INFINITY : bytes * 1e9 / idleNs;
    }
}
