package io.hearth.objectstore.engine;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** What every range needs. Thread-safe. */
record RangeTools(
        OriginSettings settings,
        OriginMetrics metrics,
        RandomGenerator random,
        ScheduledExecutorService timer,
        LongSupplier nanos) {
    /**
     * Looks per stall timeout, so that a stall is seen after 1 to 1.25 times the timeout without a timer per buffer.
     */
    static final int LOOKS = 4;

    long lookMs() {
        return Math.max(1, settings.stallTimeout().toMillis() / LOOKS);
    }

    long idleLooksBeforeFirstByte() {
        return Math.max(LOOKS, settings.firstByteTimeout().toMillis() / lookMs());
    }

    /** A random wait before the attempt after so many. */
    long backoffMs(int attemptsMade) {
        long ceiling = Math.min(
                settings.backoffMax().toMillis(), settings.backoffBase().toMillis() << Math.min(attemptsMade - 1, 20));
        synchronized (random) {
            return random.nextLong(ceiling + 1);
        }
    }

    /** Runs it later; empty where the process ends. */
    Optional<ScheduledFuture<?>> later(Runnable task, long waitNs) {
        try {
            return Optional.of(timer.schedule(task, waitNs, TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException e) {
            return Optional.empty();
        }
    }
}
