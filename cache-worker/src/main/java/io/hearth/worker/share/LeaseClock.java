package io.hearth.worker.share;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The time by which leases lapse: it stands still while no master is reachable, for a bounded while. Measured in
 * durations; no wall clock is asked. Thread-safe.
 */
public final class LeaseClock {
    private final LongSupplier nanoTime;
    private final BooleanSupplier masterReachable;
    private final long absenceNanosMax;
    private long lastNanos;
    private long passedNanos;
    private long absentNanos;

    /** @param nanoTime as {@link System#nanoTime} */
    public LeaseClock(LongSupplier nanoTime, BooleanSupplier masterReachable, Duration absenceMax) {
        this.nanoTime = nanoTime;
        this.masterReachable = masterReachable;
        this.absenceNanosMax = absenceMax.toNanos();
        this.lastNanos = nanoTime.getAsLong();
    }

    /** To be called often: what passed since the last call counts as a whole. */
    synchronized long nanos() {
        long now = nanoTime.getAsLong();
        long sinceNanos = now - lastNanos;
        lastNanos = now;
        if (masterReachable.getAsBoolean()) {
            absentNanos = 0;
            passedNanos += sinceNanos;
        } else {
            long standing = Math.min(sinceNanos, absenceNanosMax - absentNanos);
            absentNanos += standing;
            passedNanos += sinceNanos - standing;
        }
        return passedNanos;
    }
}
