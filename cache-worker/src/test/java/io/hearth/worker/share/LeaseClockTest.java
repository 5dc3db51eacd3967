package io.hearth.worker.share;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseClockTest {
    private long now = -7;
    private boolean reachable = true;
    private final LeaseClock clock = new LeaseClock(() -> now, () -> reachable, Duration.ofNanos(100));

    @Test
    void timeStandsStillWithoutAMasterForABoundedWhile() {
        assertEquals(30, after(30));
        reachable = false;
        assertEquals(30, after(60));
        assertEquals(30, after(40));
        assertEquals(35, after(5), "the bound is reached");
        reachable = true;
        assertEquals(40, after(5));
        reachable = false;
        assertEquals(40, after(99), "a master was there: the bound begins anew");
        assertEquals(41, after(2));
    }

    private long after(long nanos) {
        now += nanos;
        return clock.nanos();
    }
}
