package io.hearth.worker.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StepPumpTest {
    private final List<String> begun = new ArrayList<>();
    private final List<CompletableFuture<Void>> running = new ArrayList<>();
    private final List<String> done = new ArrayList<>();

    @Test
    void worksTakeTurnsWithinTheBound() {
        StepPump pump = new StepPump(2);
        pump.add(steps("a", 6));
        pump.add(steps("b", 3));
        assertEquals(List.of("a", "a"), begun, "nobody else was there");
        assertEquals(2, pump.running());
        while (!running.isEmpty()) {
            endNext();
            assertTrue(pump.running() <= 2);
        }
        assertEquals(List.of("a", "a", "a", "b", "a", "b", "a", "b", "a"), begun);
        assertEquals(List.of("b", "a"), done);
        assertEquals(0, pump.running());
    }

    @Test
    void aWorkIsDoneWhenItsLastStepHasEndedAndNotBefore() {
        StepPump pump = new StepPump(8);
        pump.add(steps("a", 2));
        pump.add(steps("none", 0));
        assertEquals(List.of("none"), done);
        endNext();
        assertEquals(List.of("none"), done);
        running.remove(0).completeExceptionally(new IllegalStateException("as the test wants it"));
        assertEquals(List.of("none", "a"), done);
    }

    @Test
    void aWorkThatThrowsEndsAndTheOthersGoOn() {
        StepPump pump = new StepPump(1);
        pump.add(new StepPump.Steps() {
            @Override
            public Optional<CompletableFuture<?>> next() {
                throw new IllegalStateException("as the test wants it");
            }

            @Override
            public void done() {
                done.add("broken");
            }
        });
        pump.add(steps("a", 1));
        endNext();
        assertEquals(List.of("broken", "a"), done);
        assertEquals(0, pump.running());
    }

    @Test
    void stepsThatEndAtOnceDoNotDeepenTheStack() {
        StepPump pump = new StepPump(1);
        int[] left = {100_000};
        pump.add(new StepPump.Steps() {
            @Override
            public Optional<CompletableFuture<?>> next() {
                return left[0]-- > 0 ? Optional.of(CompletableFuture.completedFuture(null)) : Optional.empty();
            }

            @Override
            public void done() {
                done.add("deep");
            }
        });
        assertEquals(List.of("deep"), done);
    }

    private StepPump.Steps steps(String name, int count) {
        int[] left = {count};
        return new StepPump.Steps() {
            @Override
            public Optional<CompletableFuture<?>> next() {
                if (left[0]-- <= 0) {
                    return Optional.empty();
                }
                begun.add(name);
                CompletableFuture<Void> step = new CompletableFuture<>();
                running.add(step);
                return Optional.of(step);
            }

            @Override
            public void done() {
                done.add(name);
            }
        };
    }

    private void endNext() {
        running.remove(0).complete(null);
    }
}
