package io.hearth.objectstore.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Keeps the background from an origin that has failed many times in a row: opens, lets one range through after a random
 * time (upper end doubling to a bound), and closes at the first success. Readers are not kept away: their request is a
 * probe like any other, and they are never worse off than without the breaker. Not thread-safe; knows no clock of its
 * own.
 */
final class Breaker {
    private static final long WAIT_NS_MIN = TimeUnit.SECONDS.toNanos(1);

    private final int failuresMax;
    private final long waitNsMax;
    private final RandomGenerator random;
    private int failures;
    private long waitNs = WAIT_NS_MIN;
    private boolean open;
    private long probeAtNs;

    /** @param failuresMax failures in a row that open it */
    Breaker(int failuresMax, Duration waitMax, RandomGenerator random) {
        this.failuresMax = failuresMax;
        this.waitNsMax = waitMax.toNanos();
        this.random = random;
    }

    boolean open() {
        return open;
    }

    int failures() {
        return failures;
    }

    /** Whether the background may ask now: always while closed, and once per wait while open. */
    boolean admits(long nowNs) {
        return !open || nowNs - probeAtNs >= 0;
    }

    /** The background's probe is under way: the next one is a wait later. */
    void probed(long nowNs) {
        if (open) {
            waitNs = Math.min(waitNs * 2, waitNsMax);
            probeAtNs = nowNs + randomWaitNs(waitNs);
        }
    }

    void succeeded() {
        failures = 0;
        open = false;
        waitNs = WAIT_NS_MIN;
    }

    void failed(long nowNs) {
        failures++;
        if (!open && failures >= failuresMax) {
            open = true;
            probeAtNs = nowNs + randomWaitNs(waitNs);
        }
    }

    /** Between half and the whole, so that not all workers come back at once, nor one at once. */
    private long randomWaitNs(long upperNs) {
        synchronized (random) {
            return upperNs / 2 + random.nextLong(upperNs / 2 + 1);
        }
    }
}
