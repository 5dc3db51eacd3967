package io.hearth.worker.tier;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of the tiers' upkeep. Never interrupted: that would close files. */
public final class UpkeepThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UpkeepThread.class);
    private static final long MOVING_PAUSE_MS = 10;
    private static final long CLOSE_MS_MAX = 10_000;

    private final TierUpkeep upkeep;
    private final long intervalMs;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private boolean complained;

    private UpkeepThread(TierUpkeep upkeep, long intervalMs) {
        this.upkeep = upkeep;
        this.intervalMs = intervalMs;
        this.thread = new Thread(this::run, "hearth-tier-upkeep");
        thread.setDaemon(true);
    }

    /** Begins at once. */
    public static UpkeepThread start(TierUpkeep upkeep, TierSettings settings) {
        UpkeepThread made = new UpkeepThread(upkeep, settings.upkeepInterval().toMillis());
        made.thread.start();
        return made;
    }

    private void run() {
        try {
            boolean moving = false;
            while (!closing.await(moving ? Math.min(MOVING_PAUSE_MS, intervalMs) : intervalMs, TimeUnit.MILLISECONDS)) {
                moving = turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            upkeep.stop();
        }
    }

    private boolean turn() {
        try {
            return upkeep.turn();
        } catch (RuntimeException e) {
            if (!complained) {
                complained = true;
                LOG.error("an error in the upkeep of tiers, which goes on", e);
            }
            return false;
        }
    }

    /** Gives up a move under way and ends, within ten seconds. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(CLOSE_MS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
