package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the I/O errors of one tier's disk and says when it is out of service, and when to try it again. A full disk is
 * no error. Thread-safe.
 */
final class TierHealth {
    private static final Logger LOG = LoggerFactory.getLogger(TierHealth.class);
    private static final long WINDOW_MS = 60_000;
    private static final int PAUSE_DOUBLINGS_MAX = 6;

    private final Path directory;
    private final Clock clock;
    private final int failuresMax;
    private final long probePauseMs;
    private final ArrayDeque<Long> failuresMs = new ArrayDeque<>();
    private volatile boolean out;
    private int probesFailed;
    private long probeAtMs;

    TierHealth(Path directory, Clock clock, TierSettings settings) {
        this.directory = directory;
        this.clock = clock;
        this.failuresMax = settings.failuresMax();
        this.probePauseMs = settings.probePause().toMillis();
    }

    /** Whether the disk counts as failed. */
    boolean out() {
        return out;
    }

    /** Counts what went wrong, if it is the disk's fault. */
    synchronized void failed(IOException why) {
        if (out || !TierFailures.disk(why)) {
            return;
        }
        long nowMs = clock.millis();
        while (!failuresMs.isEmpty() && nowMs - failuresMs.peek() > WINDOW_MS) {
            failuresMs.remove();
        }
        failuresMs.add(nowMs);
        if (failuresMs.size() >= failuresMax || TierFailures.readOnly(why)) {
            out = true;
            probesFailed = 0;
            probeAtMs = nowMs + probePauseMs;
            LOG.error(
                    "tier {} is out of service: {}; its objects are served by others until it takes bytes again",
                    directory,
                    why.getMessage());
        }
    }

    synchronized boolean probeDue() {
        return out && clock.millis() >= probeAtMs;
    }

    synchronized void probeFailed() {
        probesFailed = Math.min(PAUSE_DOUBLINGS_MAX, probesFailed + 1);
        probeAtMs = clock.millis() + (probePauseMs << probesFailed);
    }

    synchronized void back() {
        failuresMs.clear();
        out = false;
        LOG.info("tier {} is back in service", directory);
    }
}
