package io.hearth.worker.swarm;

/**
 * How many blocks all nodes together have under way from the origin. Few at first: while {@code n} share an origin that
 * is limited in all, the first chunks take {@code n} times as long to come, and nobody can pass anything on before. One
 * in six of the object's blocks, and not fewer than two: what one node sees appear lags behind, by a block and more
 * among 128 nodes, and with one in sixteen the origin stood idle for it (1.22 times the bound instead of 1.09). Then
 * twice as many, as long as this node waits for chunks half of the time and the rate at which new ones appear anywhere
 * grows by a quarter; else as before, and again after {@link #HOLD_NANOS}. Each node finds that out for itself, from
 * what all see. Not thread-safe.
 */
final class OriginPace {
    private static final int FIRST_PART = 6;
    private static final int FIRST_MIN = 2;
    private static final double GAIN = 1.25;
    private static final long WINDOW_NANOS_MIN = 100_000_000L;
    private static final long HOLD_NANOS = 5_000_000_000L;

    private final int blocksMax;
    private int blocks;
    private int before;
    private double rateBefore;
    private long windowNanos;
    private long skip;
    private long seen;
    private int ticks;
    private int idleTicks;
    private long holdUntilNanos = Long.MIN_VALUE;

    /** @param objectBlocks of the object */
    OriginPace(int objectBlocks, int blocksMax) {
        this.blocksMax = blocksMax;
        this.blocks = Math.min(blocksMax, Math.max(FIRST_MIN, objectBlocks / FIRST_PART));
        this.before = blocks;
        this.skip = blocks;
    }

    int blocks() {
        return blocks;
    }

    /** Time passes; {@code idle} where this node lacks chunks and none is on its way. */
    void tick(boolean idle) {
        ticks++;
        idleTicks += idle ? 1 : 0;
    }

    /** So many chunks appeared that nobody was known to have. */
    void appeared(int chunks, long now) {
        if (skip > 0) {
            skip -= chunks;
            windowNanos = now;
            ticks = 0;
            idleTicks = 0;
            return;
        }
        seen += chunks;
        long passed = now - windowNanos;
        if (seen >= 4L * blocks && passed >= WINDOW_NANOS_MIN) {
            judge((double) seen / passed, now);
            seen = 0;
            skip = blocks;
        }
    }

    private void judge(double rate, long now) {
        if (blocks > before && rate < rateBefore * GAIN) {
            blocks = before;
            holdUntilNanos = now + HOLD_NANOS;
        } else if (2 * idleTicks > ticks && now >= holdUntilNanos && blocks < blocksMax) {
            before = blocks;
            rateBefore = rate;
            blocks = Math.min(blocksMax, 2 * blocks);
        } else {
            before = blocks;
        }
    }
}
