package io.hearth.objectstore.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final Breaker breaker = new Breaker(3, Duration.ofSeconds(30), new Random(1));

    @Test
    void opensAfterFailuresInARowAndASuccessCloses() {
        breaker.failed(0);
        breaker.failed(0);
        breaker.succeeded();
        breaker.failed(0);
        breaker.failed(0);
        assertTrue(breaker.admits(0));
        breaker.failed(0);
        assertFalse(breaker.admits(0));
        breaker.succeeded();
        assertTrue(breaker.admits(0));
    }

    @Test
    void letsOneProbeThroughPerWaitAndTheWaitsGrowToTheBound() {
        for (int i = 0; i < 3; i++) {
            breaker.failed(0);
        }
        int probes = 0;
        long lastProbeNs = 0;
        long longestNs = 0;
        for (long nowNs = 0; nowNs < 600 * SECOND_NS; nowNs += SECOND_NS / 10) {
            if (breaker.admits(nowNs)) {
                breaker.probed(nowNs);
                breaker.failed(nowNs);
                longestNs = Math.max(longestNs, nowNs - lastProbeNs);
                lastProbeNs = nowNs;
                probes++;
            }
        }
        assertTrue(probes >= 600 / 30 && probes <= 600 / 15 + 6, "probes: " + probes);
        assertTrue(longestNs <= 31 * SECOND_NS, "longest wait: " + longestNs);
    }
}
