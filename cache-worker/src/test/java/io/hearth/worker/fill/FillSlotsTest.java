package io.hearth.worker.fill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.worker.fill.FillSlots.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FillSlotsTest {
    private final List<String> started = new ArrayList<>();
    private final List<CompletableFuture<Void>> running = new ArrayList<>();

    @Test
    void demandGoesBeforePrefetchAndBothAreBounded() {
        FillSlots slots = new FillSlots(1, 2, 1, 1);
        assertTrue(slots.demand(job("first")));
        assertTrue(slots.prefetch(job("guess")));
        assertFalse(slots.prefetch(job("guess too many")));
        assertTrue(slots.demand(job("second")));
        assertTrue(slots.demand(job("third")));
        assertFalse(slots.demand(job("too many")));
        endAll();
        assertEquals(List.of("first", "second", "third", "guess"), started);
        assertEquals(0, slots.running());
    }

    @Test
    void aJobThatCannotStartDoesNotStopTheOthers() {
        FillSlots slots = new FillSlots(1, 2, 2, 2);
        slots.demand(new Job(() -> {
            throw new NoClassDefFoundError("as the test wants it");
        }));
        assertEquals(0, slots.running());
        slots.demand(job("next"));
        assertEquals(List.of("next"), started);
    }

    @Test
    void prefetchesLeaveAQuarterOfTheSlotsToDemand() {
        FillSlots slots = new FillSlots(4, 8, 8, 8);
        for (int i = 0; i < 6; i++) {
            slots.prefetch(job("guess " + i));
        }
        assertEquals(3, slots.running());
        slots.demand(job("reader"));
        assertEquals("reader", started.get(3));
    }

    @Test
    void aPrefetchThatSomebodyWaitsForMovesUpEvenBeforeItIsQueued() {
        FillSlots slots = new FillSlots(1, 8, 8, 8);
        slots.demand(job("running"));
        Job late = job("late");
        slots.prefetch(job("guess"));
        Job queued = job("queued");
        slots.prefetch(queued);
        slots.promote(queued);
        slots.promote(late);
        slots.prefetch(late);
        endAll();
        assertEquals(List.of("running", "queued", "late", "guess"), started);
    }

    @Test
    void loadsAndPrefetchesTakeTurnsAndNeitherFillsTheOthersQueue() {
        FillSlots slots = new FillSlots(1, 8, 2, 2);
        slots.demand(job("running"));
        assertTrue(slots.load(job("load 1")));
        assertTrue(slots.load(job("load 2")));
        assertFalse(slots.load(job("load too many")));
        assertTrue(slots.prefetch(job("guess 1")));
        assertTrue(slots.prefetch(job("guess 2")));
        slots.demand(job("reader"));
        endAll();
        assertEquals(List.of("running", "reader", "guess 1", "load 1", "guess 2", "load 2"), started);
    }

    @Test
    void aLoadsJobMovesUpForAReaderAndCanBeTakenBack() {
        FillSlots slots = new FillSlots(1, 8, 8, 8);
        slots.demand(job("running"));
        Job unwanted = job("unwanted");
        Job wanted = job("wanted");
        slots.load(unwanted);
        slots.load(job("load"));
        slots.load(wanted);
        slots.withdraw(unwanted);
        slots.promote(wanted);
        endAll();
        assertEquals(List.of("running", "wanted", "load"), started);
        assertEquals(0, slots.waiting());
    }

    @Test
    void jobsThatEndAtOnceDoNotDeepenTheStack() {
        FillSlots slots = new FillSlots(1, 100_000, 1, 1);
        slots.demand(job("gate"));
        int[] ran = new int[1];
        for (int i = 0; i < 50_000; i++) {
            slots.demand(new Job(() -> {
                ran[0]++;
                return CompletableFuture.completedFuture(null);
            }));
        }
        endAll();
        assertEquals(50_000, ran[0]);
    }

    @Test
    void aJobThatThrowsGivesItsSlotBack() {
        FillSlots slots = new FillSlots(1, 8, 8, 8);
        slots.demand(new Job(() -> {
            throw new IllegalStateException("as a test wants it");
        }));
        slots.demand(job("next"));
        assertEquals(List.of("next"), started);
    }

    private Job job(String name) {
        return new Job(() -> {
            started.add(name);
            CompletableFuture<Void> end = new CompletableFuture<>();
            running.add(end);
            return end;
        });
    }

    private void endAll() {
        for (int i = 0; i < running.size(); i++) {
            running.get(i).complete(null);
        }
    }
}
