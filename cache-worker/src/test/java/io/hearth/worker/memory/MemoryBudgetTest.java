package io.hearth.worker.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.memory.MemoryBudget.Grant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final long MIB = 1 << 20;

    private final MemoryBudget budget = new MemoryBudget(8 * MIB, 16);

    @Test
    void randomTakersNeverHaveMoreThanThereIs() {
        long seed = System.nanoTime();
        System.out.println("random takers: seed " + seed);
        Random random = new Random(seed);
        List<CompletableFuture<Grant>> takers = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(5) < 3) {
                Urgency lane = Urgency.values()[random.nextInt(3)];
                takers.add(budget.take(1 + random.nextInt((int) (3 * MIB)), () -> lane));
            } else if (!takers.isEmpty()) {
                CompletableFuture<Grant> taker = takers.remove(random.nextInt(takers.size()));
                if (!taker.cancel(false) && !taker.isCompletedExceptionally()) {
                    taker.join().close();
                }
            }
            check(seed);
        }
        for (CompletableFuture<Grant> taker : List.copyOf(takers)) {
            if (!taker.cancel(false) && !taker.isCompletedExceptionally()) {
                taker.join().close();
            }
            check(seed);
        }
        assertEquals(0, budget.usedBytes(), "seed " + seed);
        assertEquals(0, budget.waiting(), "seed " + seed);
    }

    private void check(long seed) {
        assertTrue(budget.usedBytes() <= 8 * MIB, "seed " + seed);
        long background = budget.usedBytes(Urgency.LOAD) + budget.usedBytes(Urgency.SPECULATION);
        assertTrue(background <= 6 * MIB, "seed " + seed);
        assertTrue(budget.waiting() <= 16, "seed " + seed);
    }

    @Test
    void threadsThatTakeAndGiveBackAllComeThrough() throws Exception {
        int threads = 8;
        var pool = Executors.newFixedThreadPool(threads);
        try {
            List<CompletableFuture<Void>> done = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Urgency lane = Urgency.values()[i % 3];
                done.add(CompletableFuture.runAsync(() -> takeAndGiveBack(lane), pool));
            }
            CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        } finally {
            pool.shutdownNow();
        }
        assertEquals(0, budget.usedBytes());
        assertEquals(0, budget.waiting());
    }

    private void takeAndGiveBack(Urgency lane) {
        for (int round = 0; round < 5_000; round++) {
            Grant grant = budget.take(2 * MIB, () -> lane)
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
            assertTrue(budget.usedBytes() <= 8 * MIB);
            grant.close();
        }
    }

    @Test
    void aReaderIsServedWhileSpeculationHasAllItMay() {
        List<CompletableFuture<Grant>> speculation = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            speculation.add(budget.take(MIB, () -> Urgency.SPECULATION));
        }
        assertEquals(6, speculation.stream().filter(CompletableFuture::isDone).count());
        assertTrue(budget.take(MIB, () -> Urgency.DEMAND).isDone());
        assertTrue(budget.take(MIB, () -> Urgency.DEMAND).isDone());
        assertFalse(budget.take(MIB, () -> Urgency.DEMAND).isDone());
        assertEquals(1, budget.waits(Urgency.DEMAND));
    }

    @Test
    void demandGoesBeforeLoadsAndLoadsBeforeSpeculation() {
        Grant all = budget.take(6 * MIB, () -> Urgency.LOAD).join();
        CompletableFuture<Grant> speculation = budget.take(MIB, () -> Urgency.SPECULATION);
        CompletableFuture<Grant> load = budget.take(6 * MIB, () -> Urgency.LOAD);
        CompletableFuture<Grant> demand = budget.take(3 * MIB, () -> Urgency.DEMAND);
        all.close();
        assertTrue(demand.isDone());
        assertFalse(load.isDone());
        assertFalse(speculation.isDone(), "it must not overtake the load that does not fit yet");
        demand.join().close();
        assertTrue(load.isDone());
        load.join().close();
        assertTrue(speculation.isDone());
    }

    @Test
    void whoBecomesUrgentIsServedAsDemand() {
        Grant all = budget.take(6 * MIB, () -> Urgency.SPECULATION).join();
        AtomicReference<Urgency> lane = new AtomicReference<>(Urgency.SPECULATION);
        CompletableFuture<Grant> promoted = budget.take(MIB, lane::get);
        assertFalse(promoted.isDone());
        lane.set(Urgency.DEMAND);
        budget.reconsider();
        assertTrue(promoted.isDone());
        all.close();
        all.close();
        assertEquals(MIB, budget.usedBytes(), "a grant is given back once");
    }

    @Test
    void oneWaiterTooManyAndAnImpossibleWishFailAtOnce() {
        List<CompletableFuture<Grant>> takers = new ArrayList<>();
        for (int i = 0; i < 8 + 16; i++) {
            takers.add(budget.take(MIB, () -> Urgency.DEMAND));
        }
        assertOverloaded(budget.take(MIB, () -> Urgency.DEMAND));
        takers.get(20).cancel(false);
        assertEquals(15, budget.waiting());
        assertOverloaded(budget.take(9 * MIB, () -> Urgency.DEMAND));
    }

    private static void assertOverloaded(CompletableFuture<Grant> taker) {
        Throwable failure = assertThrows(CompletionException.class, taker::join).getCause();
        assertEquals(FailureKind.OVERLOADED, ((HearthException) failure).kind());
    }
}
