package io.hearth.objectstore.engine;

import java.util.concurrent.TimeUnit;

/**
 * How many ranges of one origin to read at once: more while that brings more bytes a second, fewer when the origin asks
 * to slow down. The level that brought a refusal is remembered as a ceiling, and tried again rarely. Not thread-safe;
 * knows no clock of its own.
 *
 * <p>A level is measured when its connections have had their first bytes. At first it doubles for as long as the rate
 * grows nearly as much. From then on a quarter more is tried now and then, and taken back where it brings nothing. The
 * last doubling is not: what it brought is measured while ranges begin together, and a level that is too low by a tenth
 * costs a tenth, where one that is too high by half costs shorter ranges.
 */
final class ConcurrencyControl {
    /** How often {@link #look} is to be called. */
    static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /** What a level is measured over at first: the bytes of 16 connections of 2 MB/s in this time are 3 MB. */
    private static final long WINDOW_NS_FIRST = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(200);
    /** Windows that a raise gets to show: a connection from afar is slow at first. */
    private static final int WINDOWS_MAX = 3;
    /** Doubled once more if the rate grew by so much of what the connections did. */
    private static final double NEARLY = 0.6;
    /** A raise by a quarter has paid if the bytes a second grew by so much: less is noise of 200 ms. */
    private static final double GAIN_MIN = 1.05;
    /**
     * A doubling that costs so much is taken back; one that brings little is spare for the times before first bytes.
     */
    private static final double LOSS_MAX = 0.9;
    /**
     * Connections this fast bring a block in a second each: more of them that bring little are no spare, but shorter
     * ranges.
     */
    private static final double FAST_BYTES_PER_S = 8 << 20;
    /**
     * Connections bring no more than their number says: what is so many times that is this process, or the origin, that
     * became faster by itself. Ranges that begin and end together make a window differ by half.
     */
    private static final double BY_ITSELF = 1.75;
    /** A level that now brings so much more than when it was found was found too early. */
    private static final double ANEW = 1.5;

    private static final double GENTLY = 1.25;
    private static final long HOLD_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long CEILING_NS_MIN = TimeUnit.SECONDS.toNanos(10);
    private static final long CEILING_NS_MAX = TimeUnit.MINUTES.toNanos(5);
    private static final long CALM_NS = TimeUnit.SECONDS.toNanos(2);
    private static final int REFUSED_WINDOWS_MAX = 2;

    private final int start;
    private final int max;
    private int limit;
    private int ceiling;
    private long ceilingWaitNs = CEILING_NS_MIN;
    private long ceilingUntilNs;
    private boolean probing;
    private boolean refused;
    private int refusedWindows;
    private long refusalsSinceNs;
    private boolean fast = true;
    private int raisedFrom;
    private double rateBefore;
    /** The best of any window since the level stands. */
    private double best;
    /** What the level that stands was judged by. */
    private double judgedBy;
    /** The best of any window since the level was raised. */
    private double raised;

    private int windows;
    private boolean holding;
    private long holdUntilNs;
    private boolean busy;
    private boolean measuring;
    private long fromNs;
    private long fromBytes;
    private double bytesPerS;

    /** @param max the most ever, at least 1 */
    ConcurrencyControl(int start, int max) {
        this.start = Math.min(start, max);
        this.max = max;
        this.limit = this.start;
        this.ceiling = max;
    }

    int limit() {
        return limit;
    }

    /** The level not to be exceeded for now; the maximum while no refusal has told of another. */
    int ceiling() {
        return ceiling;
    }

    /** Whether a refusal has told where the origin's patience ends. */
    boolean capped() {
        return ceiling < max;
    }

    /** What all connections brought together when it was last measured; 0 before. */
    double bytesPerS() {
        return bytesPerS;
    }

    /** @param left ranges still under way, the refused one no longer: what the origin bore */
    void refused(int left, long nowNs) {
        if (probing || !capped()) {
            ceilingWaitNs = probing ? Math.min(2 * ceilingWaitNs, CEILING_NS_MAX) : CEILING_NS_MIN;
        }
        probing = false;
        ceiling = Math.max(1, Math.min(ceiling, left));
        ceilingUntilNs = nowNs + ceilingWaitNs;
        limit = Math.min(limit, ceiling);
        refused = true;
        raisedFrom = 0;
    }

    /**
     * Once per {@link #LOOK_NS}.
     *
     * @param receivedBytes by now, from the beginning
     * @param full whether as many ran as the limit lets through; the rate says nothing of the origin otherwise
     * @param wanted whether more would run if the limit let them
     * @param firstByteNs time to a first byte, as far as it is known
     */
    void look(long nowNs, long receivedBytes, boolean full, boolean wanted, long firstByteNs) {
        if (nowNs - refusalsSinceNs >= WINDOW_NS) {
            refusalsSinceNs = nowNs;
            afterRefusals();
        }
        relax(nowNs);
        if (!full) {
            busy = false;
            windows = 0;
        } else if (!busy) {
            busy = true;
            settle(nowNs, receivedBytes, firstByteNs);
        } else if (!measuring) {
            measuring = nowNs - fromNs >= 0 && receivedBytes > fromBytes;
            fromNs = measuring ? nowNs : fromNs;
            fromBytes = measuring ? receivedBytes : fromBytes;
        } else if (nowNs - fromNs >= (fast ? WINDOW_NS_FIRST : WINDOW_NS)) {
            bytesPerS = (receivedBytes - fromBytes) * 1e9 / (nowNs - fromNs);
            fromNs = nowNs;
            fromBytes = receivedBytes;
            if (decide(nowNs, wanted)) {
                settle(nowNs, receivedBytes, firstByteNs);
            }
        }
    }

    /**
     * Measures from the new connections' first bytes on: any raise would seem to pay where the window began before
     * them.
     */
    private void settle(long nowNs, long receivedBytes, long firstByteNs) {
        measuring = false;
        fromNs = nowNs + firstByteNs;
        fromBytes = receivedBytes;
    }

    /**
     * An origin that still refuses although the level stays below what it bore is overloaded by others: give way
     * faster.
     */
    private void afterRefusals() {
        refusedWindows = refused ? refusedWindows + 1 : 0;
        refused = false;
        if (refusedWindows > REFUSED_WINDOWS_MAX) {
            limit = Math.max(1, limit * 7 / 10);
            ceiling = limit;
        }
    }

    private void relax(long nowNs) {
        if (capped() && nowNs - ceilingUntilNs >= 0) {
            ceiling = Math.min(max, ceiling + Math.max(1, ceiling / 8));
            ceilingUntilNs = nowNs + CALM_NS;
            probing = true;
        }
    }

    /** A raise that brought nothing, or more than it can have. */
    private void takeBack() {
        limit = raisedFrom > 0 ? Math.min(limit, raisedFrom) : limit;
        raisedFrom = 0;
    }

    /** Gives whether the level changed. */
    private boolean decide(long nowNs, boolean wanted) {
        if (raisedFrom > 0) {
            return judge(nowNs, wanted);
        }
        best = Math.max(best, bytesPerS);
        if (limit > start && judgedBy > 0 && bytesPerS > ANEW * judgedBy) {
            beginAnew();
            return true;
        }
        return wanted && limit < ceiling && !(holding && nowNs - holdUntilNs < 0) && raise();
    }

    /** The level was found while everything was far slower: a JVM that had just started, a node that was busy. */
    private void beginAnew() {
        limit = Math.min(start, ceiling);
        fast = true;
        holding = false;
        judgedBy = 0;
    }

    private boolean raise() {
        rateBefore = Math.max(bytesPerS, best);
        raisedFrom = limit;
        windows = 0;
        raised = 0;
        limit = Math.min(ceiling, Math.max(limit + 1, (int) (limit * (fast ? 2 : GENTLY))));
        return true;
    }

    private boolean judge(long nowNs, boolean wanted) {
        windows++;
        raised = Math.max(raised, bytesPerS);
        double gain = raised / Math.max(1, rateBefore);
        double more = (double) limit / raisedFrom;
        if (gain > BY_ITSELF * more) {
            best = 0;
            takeBack();
            return true;
        }
        if (gain >= (fast ? 1 + NEARLY * (more - 1) : GAIN_MIN)) {
            raisedFrom = 0;
            best = raised;
            judgedBy = raised;
            return wanted && limit < ceiling && raise();
        }
        if (windows < WINDOWS_MAX) {
            return false;
        }
        boolean spare = fast && rateBefore / raisedFrom < FAST_BYTES_PER_S;
        if (gain < (spare ? LOSS_MAX : GAIN_MIN)) {
            takeBack();
        }
        raisedFrom = 0;
        best = 0;
        judgedBy = bytesPerS;
        fast = false;
        holding = true;
        holdUntilNs = nowNs + HOLD_NS;
        return true;
    }
}
