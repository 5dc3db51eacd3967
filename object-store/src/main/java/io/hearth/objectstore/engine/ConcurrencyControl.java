package io.hearth.objectstore.engine;

import java.util.concurrent.TimeUnit;

/**
 * How many ranges of one origin to read at once: more while that brings more bytes a second, fewer when the origin asks to
 * slow down. The level that brought a refusal is remembered as a ceiling, and tried again rarely. Not thread-safe; knows no
 * clock of its own.
 */
final class ConcurrencyControl {
    /** How often {@link #decide} is to be called. */
    static final long DECIDE_NS = TimeUnit.MILLISECONDS.toNanos(200);

    /** A raise has paid if the bytes a second grew by so much: less is noise of 200 ms. */
    private static final double GAIN_MIN = 1.05;
    /** A raise that costs so much is taken back. */
    private static final double LOSS_MAX = 0.9;
    /** Intervals that a raise gets to show: new connections bring nothing before their first byte. */
    private static final int INTERVALS_MAX = 3;

    private static final double GENTLY = 1.25;
    private static final long HOLD_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long CEILING_NS_MIN = TimeUnit.SECONDS.toNanos(10);
    private static final long CEILING_NS_MAX = TimeUnit.MINUTES.toNanos(5);
    private static final long CALM_NS = TimeUnit.SECONDS.toNanos(2);
    private static final int REFUSED_INTERVALS_MAX = 2;

    private final int max;
    private int limit;
    private int ceiling;
    private long ceilingWaitNs = CEILING_NS_MIN;
    private long ceilingUntilNs;
    private boolean probing;
    private boolean refused;
    private int refusedIntervals;
    private double factor = 2;
    private int raisedFrom;
    private double rateBefore;
    private int intervals;
    private boolean settled;
    private boolean holding;
    private long holdUntilNs;

    /** @param max the most ever, at least 1 */
    ConcurrencyControl(int start, int max) {
        this.max = max;
        this.limit = Math.min(start, max);
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
     * Once per interval.
     *
     * @param bytesPerS received in this interval
     * @param saturated whether more was wanted than the limit let through; the rate says nothing of the origin otherwise
     */
    void decide(long nowNs, double bytesPerS, boolean saturated) {
        afterRefusals();
        relax(nowNs);
        if (raisedFrom > 0) {
            judge(nowNs, bytesPerS, saturated);
        } else if (!settled) {
            settled = saturated; // The first interval began before the first bytes: any raise would seem to pay.
        } else if (saturated && limit < ceiling && !(holding && nowNs - holdUntilNs < 0)) {
            raise(bytesPerS);
        }
    }

    /** An origin that still refuses although the level stays below what it bore is overloaded by others: give way faster. */
    private void afterRefusals() {
        refusedIntervals = refused ? refusedIntervals + 1 : 0;
        refused = false;
        if (refusedIntervals > REFUSED_INTERVALS_MAX) {
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

    private void raise(double bytesPerS) {
        rateBefore = bytesPerS;
        raisedFrom = limit;
        intervals = 0;
        limit = Math.min(ceiling, Math.max(limit + 1, (int) (limit * factor)));
    }

    private void judge(long nowNs, double bytesPerS, boolean saturated) {
        intervals++;
        if (bytesPerS >= rateBefore * GAIN_MIN) {
            raisedFrom = 0;
            if (saturated && limit < ceiling) {
                raise(bytesPerS);
            }
        } else if (intervals >= INTERVALS_MAX || !saturated) {
            limit = saturated && bytesPerS < rateBefore * LOSS_MAX ? raisedFrom : limit;
            raisedFrom = 0;
            factor = GENTLY;
            holding = true;
            holdUntilNs = nowNs + HOLD_NS;
        }
    }
}
