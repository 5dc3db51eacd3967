package io.hearth.worker.swarm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServeOrderTest {
    private static final long SECOND = 1_000_000_000L;
    private final ServeOrder<Integer> order =
            new ServeOrder<>(SwarmSettings.of(Map.of("worker.swarm.sends", "1", "worker.swarm.asks-max", "8")));

    @Test
    void thePoorestIsServedFirstAndWhoseReaderWaitsBeforeIt() {
        order.asked(30, false, 0);
        order.asked(10, false, 0);
        order.asked(20, true, 0);
        assertEquals(20, served(0));
        assertEquals(10, served(0));
        assertEquals(30, served(0));
        assertEquals(Optional.empty(), order.next(0, held -> held));
    }

    @Test
    void noMoreAreServedAtOnceThanThereArePlaces() {
        order.asked(1, false, 0);
        order.asked(2, false, 0);
        assertTrue(order.next(0, held -> held).isPresent());
        assertFalse(order.next(0, held -> held).isPresent());
        order.declined(1);
        assertTrue(order.next(0, held -> held).isPresent());
    }

    @Test
    void anOfferThatIsNotTakenKeepsNoPlace() {
        order.asked(1, false, 0);
        order.asked(2, false, 0);
        assertEquals(Optional.of(1), order.next(0, held -> held));
        assertEquals(Optional.of(2), order.next(SECOND, held -> held));
        assertFalse(order.taken(1));
        assertTrue(order.taken(2));
    }

    @Test
    void whoWaitsTooLongComesBeforeThePoor() {
        order.asked(90, false, 0);
        order.asked(1, false, 9 * SECOND);
        assertEquals(90, served(9 * SECOND));
    }

    @Test
    void oneMoreThanMayWaitIsNotHeard() {
        for (int asker = 0; asker < 8; asker++) {
            assertTrue(order.asked(asker, false, 0));
        }
        assertFalse(order.asked(8, false, 0));
        assertTrue(order.asked(7, true, 0));
        order.gone(0);
        assertTrue(order.asked(8, false, 0));
        assertEquals(8, order.waiting());
    }

    private int served(long now) {
        int asker = order.next(now, held -> held).orElseThrow();
        assertTrue(order.taken(asker));
        order.sent(asker);
        return asker;
    }
}
