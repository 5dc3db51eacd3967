package io.hearth.fuse.kernel.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class InFlightTest {
    private final InFlight inFlight = new InFlight();

    @Test
    void anInterruptReachesTheThreadThatAnswersAndNoLaterRequest() {
        assertTrue(inFlight.begin(8));
        inFlight.interrupt(6);
        assertFalse(Thread.currentThread().isInterrupted());
        inFlight.interrupt(8);
        assertTrue(Thread.currentThread().isInterrupted());
        assertTrue(inFlight.end(8));
        assertFalse(Thread.currentThread().isInterrupted());
        assertTrue(inFlight.begin(10));
        inFlight.interrupt(8);
        assertFalse(inFlight.end(10));
    }

    @Test
    void anInterruptThatOvertakesItsRequestIsNotLost() {
        inFlight.interrupt(12);
        for (int others = 0; others < 63; others++) {
            inFlight.interrupt(100 + 2L * others);
        }
        assertFalse(inFlight.begin(12));
        assertTrue(inFlight.begin(14));
        assertFalse(inFlight.end(14));
    }

    @Test
    void afterTheEndNothingBeginsAndNothingWaits() {
        assertTrue(inFlight.begin(2));
        inFlight.endAll();
        assertTrue(inFlight.end(2));
        assertFalse(inFlight.begin(4));
    }
}
