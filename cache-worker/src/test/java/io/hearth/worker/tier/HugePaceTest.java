package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HugePaceTest {
    private static final long BLOCK = 8 << 20;
    private static final long WARM_NS = TimeUnit.MICROSECONDS.toNanos(640);
    private static final long COLD_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final HugePace pace = new HugePace();

    private int asked(int blocks, long costNs) {
        int asked = 0;
        for (int i = 0; i < blocks; i++) {
            if (pace.begin()) {
                asked++;
                pace.cost(costNs, BLOCK);
            }
        }
        return asked;
    }

    @Test
    void everyBlockAsksWhereTheyAreCheap() {
        assertEquals(1000, asked(1000, WARM_NS));
    }

    @Test
    void dearOnesAreAskedForEverMoreSeldom() {
        assertEquals(3, asked(128, COLD_NS), "of the first GiB");
        assertEquals(1, asked(128, COLD_NS), "of the second");
        assertEquals(8, asked(1024, COLD_NS), "later: once in each");
    }

    @Test
    void theyAreAskedForAgainOnceTheyAreCheap() {
        asked(128, COLD_NS);
        assertTrue(asked(1024, WARM_NS) > 500);
        assertEquals(1000, asked(1000, WARM_NS));
        assertEquals(1, asked(32, COLD_NS), "and the rest is short again");
    }

    @Test
    void untilOneWasCheapOneAtATimeIsAskedFor() {
        assertTrue(pace.begin());
        assertFalse(pace.begin());
        pace.none();
        assertTrue(pace.begin());
        pace.cost(WARM_NS, BLOCK);
        assertTrue(pace.begin());
        assertTrue(pace.begin());
    }

    @Test
    void severalThatWereUnderWayWhenTheyBecameDearCountAsOne() {
        asked(1, WARM_NS);
        assertTrue(pace.begin());
        assertTrue(pace.begin());
        pace.cost(COLD_NS, BLOCK);
        pace.cost(COLD_NS, BLOCK);
        assertEquals(1, asked(33, COLD_NS), "after 32 blocks, not 64");
    }

    @Test
    void aShortBlockIsJudgedByItsLength() {
        assertTrue(pace.begin());
        pace.cost(WARM_NS, 2 << 20);
        assertTrue(pace.begin());
    }
}
