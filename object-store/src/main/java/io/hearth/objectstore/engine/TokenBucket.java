package io.hearth.objectstore.engine;

/**
 * A rate that may be saved up for one second and overdrawn by one request: what is too large for the bucket passes too,
 * and the next waits for longer. Not thread-safe; knows no clock of its own.
 */
final class TokenBucket {
    private final double perSecond;
    private double tokens;
    private long atNs;

    /** @param perSecond 0 for no limit */
    TokenBucket(double perSecond, long nowNs) {
        this.perSecond = perSecond;
        this.tokens = perSecond;
        this.atNs = nowNs;
    }

    /** Whether anything may pass now. */
    boolean open(long nowNs) {
        return waitNs(nowNs) == 0;
    }

    /** Time until something may pass; 0 for now. */
    long waitNs(long nowNs) {
        if (perSecond == 0) {
            return 0;
        }
        tokens = Math.min(perSecond, tokens + perSecond * (nowNs - atNs) / 1e9);
        atNs = nowNs;
        return tokens > 0 ? 0 : (long) Math.ceil((1e-6 - tokens) / perSecond * 1e9);
    }

    void take(double count) {
        tokens -= perSecond == 0 ? 0 : count;
    }
}
