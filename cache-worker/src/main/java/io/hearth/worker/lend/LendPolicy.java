package io.hearth.worker.lend;

import io.hearth.worker.lend.Demand.Want;

/**
 * Decides when to give and when to grow; knows no tier and no clock of its own. Down at once, up slowly: after a calm
 * time, in small steps. Pressure that returns soon after a growth doubles the calm time, so that a node which cannot
 * bear what is lent sees ever fewer tries. One thread's.
 */
final class LendPolicy {
    /**
     * @param stepPercent of the quota to give when a signal names no bytes
     * @param settleMs after a gift, how long its effect is waited for before the next
     * @param calmMs how long no signal may want before the first growth
     * @param calmMsMax to which that time doubles
     * @param growPercent of the quota to grow in one step
     * @param growMs between two steps
     */
    record Pace(int stepPercent, long settleMs, long calmMs, long calmMsMax, int growPercent, long growMs) {}

    /** What is to be done now. */
    record Step(Kind kind, long bytes) {
        enum Kind {
            KEEP,
            GIVE,
            GROW
        }

        static final Step KEEP = new Step(Kind.KEEP, 0);
    }

    private final Pace pace;
    private long calmMs;
    private long uneasyAtMs;
    private long giveAtMs = Long.MIN_VALUE;
    private long growAtMs = Long.MIN_VALUE;
    private long grewAtMs;
    private boolean grew;
    private boolean yielding;

    LendPolicy(Pace pace) {
        this.pace = pace;
        this.calmMs = pace.calmMs();
    }

    /** Whether something was given that has not come back yet. */
    boolean yielding() {
        return yielding;
    }

    /** Somebody asked by command, and was given. */
    void told(long nowMs) {
        yielding = true;
        uneasyAtMs = nowMs;
        giveAtMs = nowMs + pace.settleMs();
    }

    /** Everything is lent again by command. */
    void resumed() {
        yielding = false;
        calmMs = pace.calmMs();
    }

    /**
     * @param allowedBytes what may be used now
     * @param quotaBytes what the settings lend at most
     */
    Step step(long nowMs, Demand demand, long allowedBytes, long quotaBytes) {
        if (demand.want() != Want.CALM) {
            uneasyAtMs = nowMs;
        }
        if (demand.want() == Want.WANTED) {
            return give(nowMs, demand, quotaBytes);
        }
        if (yielding && allowedBytes >= quotaBytes) {
            yielding = false;
        }
        if (!yielding) {
            forgive(nowMs);
            return Step.KEEP;
        }
        if (nowMs - uneasyAtMs < calmMs || nowMs < growAtMs) {
            return Step.KEEP;
        }
        growAtMs = nowMs + pace.growMs();
        grewAtMs = nowMs;
        grew = true;
        return new Step(Step.Kind.GROW, percent(pace.growPercent(), quotaBytes));
    }

    private Step give(long nowMs, Demand demand, long quotaBytes) {
        if (grew && nowMs - grewAtMs <= calmMs) {
            calmMs = Math.min(pace.calmMsMax(), 2 * calmMs);
        }
        grew = false;
        yielding = true;
        if (nowMs < giveAtMs) {
            return Step.KEEP;
        }
        giveAtMs = nowMs + pace.settleMs();
        long bytes = demand.wantedBytes() > 0 ? demand.wantedBytes() : percent(pace.stepPercent(), quotaBytes);
        return new Step(Step.Kind.GIVE, bytes);
    }

    /** After a calm of the longest kind, with everything lent, the past does not count any more. */
    private void forgive(long nowMs) {
        if (calmMs > pace.calmMs() && nowMs - uneasyAtMs >= pace.calmMsMax()) {
            calmMs = pace.calmMs();
        }
    }

    private static long percent(int percent, long bytes) {
        return Math.max(1, bytes / 100 * percent);
    }
}
