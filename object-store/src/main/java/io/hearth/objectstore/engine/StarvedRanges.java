package io.hearth.objectstore.engine;

import java.util.concurrent.TimeUnit;

/**
 * Tells a request that came to a slow server or path from one that is slow as all are: both slow in itself, as what is left
 * would pay for asking anew, and slow beside its peers, or every range would be given up where the origin is slow.
 */
final class StarvedRanges {
    /** A rate means something after so long: three times what a scheduler's hiccup takes. */
    static final long RATE_NS_MIN = TimeUnit.MILLISECONDS.toNanos(300);

    private static final double LEFT_SECONDS_MIN = 2;
    private static final double OF_MEDIAN_MAX = 0.25;
    private static final int PEERS_MIN = 4;

    private StarvedRanges() {}

    static boolean starved(Progress progress, RecentValues peersBytesPerS) {
        return progress.receivingNs() >= RATE_NS_MIN
                && progress.leftSeconds() > LEFT_SECONDS_MIN
                && peersBytesPerS.count() >= PEERS_MIN
                && progress.bytesPerS() < peersBytesPerS.quantile(0.5) * OF_MEDIAN_MAX;
    }
}
