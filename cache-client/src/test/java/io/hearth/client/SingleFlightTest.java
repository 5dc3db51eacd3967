package io.hearth.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
    private final SingleFlight<String, Integer> flights = new SingleFlight<>();
    private final AtomicInteger starts = new AtomicInteger();
    private final CompletableFuture<Integer> computation = new CompletableFuture<>();

    private CompletableFuture<Integer> join() {
        return flights.join("key", () -> {
            starts.incrementAndGet();
            return computation;
        });
    }

    @Test
    void callersGoOnInTheOrderInWhichTheyCame() {
        List<Integer> order = new ArrayList<>();
        IntStream.range(0, 10).forEach(caller -> join().thenAccept(value -> order.add(caller)));
        computation.complete(7);
        assertEquals(IntStream.range(0, 10).boxed().toList(), order);
        assertEquals(1, starts.get());
        assertEquals(0, flights.size());
    }

    @Test
    void oneWhoCancelsLeavesTheComputationToTheOthers() {
        CompletableFuture<Integer> first = join();
        CompletableFuture<Integer> second = join();
        assertTrue(first.cancel(false));
        computation.complete(7);
        assertEquals(7, second.join());
    }

    @Test
    void aFailedStartFailsAllAndIsForgotten() {
        CompletableFuture<Integer> caller = flights.join("key", () -> {
            throw new IllegalStateException("broken");
        });
        assertTrue(caller.isCompletedExceptionally());
        computation.complete(8);
        assertEquals(8, join().join());
    }
}
