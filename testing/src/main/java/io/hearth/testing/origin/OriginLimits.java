package io.hearth.testing.origin;

import java.time.Duration;

/**
 * How fast and how patient a stub origin is.
 *
 * @param connectionBytesPerS rate of one connection
 * @param totalBytesPerS rate of all together, shared fairly
 * @param firstByte time from a request to its first byte
 * @param requestsMax requests at once; one more is answered with 503 Slow Down
 * @param slowFraction share of connections, 0 to 1, that are slow for as long as they live
 * @param slowFactor what a slow connection's rate is divided by
 */
public record OriginLimits(
        long connectionBytesPerS,
        long totalBytesPerS,
        Duration firstByte,
        int requestsMax,
        double slowFraction,
        int slowFactor) {
    private static final long ENDLESS = 1L << 40;

    /** No limit at all. */
    public static OriginLimits none() {
        return new OriginLimits(ENDLESS, ENDLESS, Duration.ZERO, Integer.MAX_VALUE, 0, 1);
    }

    /** Rates in bytes per second, answers at once. */
    public static OriginLimits rates(long connectionBytesPerS, long totalBytesPerS) {
        return new OriginLimits(connectionBytesPerS, totalBytesPerS, Duration.ZERO, Integer.MAX_VALUE, 0, 1);
    }

    public OriginLimits withFirstByte(Duration wait) {
        return new OriginLimits(connectionBytesPerS, totalBytesPerS, wait, requestsMax, slowFraction, slowFactor);
    }

    public OriginLimits withRequestsMax(int most) {
        return new OriginLimits(connectionBytesPerS, totalBytesPerS, firstByte, most, slowFraction, slowFactor);
    }

    public OriginLimits withSlow(double fraction, int factor) {
        return new OriginLimits(connectionBytesPerS, totalBytesPerS, firstByte, requestsMax, fraction, factor);
    }
}
