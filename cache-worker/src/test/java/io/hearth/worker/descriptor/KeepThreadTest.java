package io.hearth.worker.descriptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.worker.WorkerRig;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class KeepThreadTest {
    private final ConcurrentLinkedQueue<Long> ended = new ConcurrentLinkedQueue<>();
    private final KeepThread thread = new KeepThread(ended::add);

    @Test
    void aDeviceThatHoldsACallKeepsAnyNumberOfEndsWaitingAndEachIsDoneOnce() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        CompletableFuture<Integer> first = thread.ask(() -> {
            begun.countDown();
            return waitFor(held) ? 1 : 0;
        });
        assertTrue(begun.await(10, TimeUnit.SECONDS));
        CompletableFuture<Integer> second = thread.ask(() -> 2);
        List<Long> grants = LongStream.range(0, 100_000).boxed().toList();
        grants.forEach(thread::end);
        CompletableFuture<Integer> last = new CompletableFuture<>();
        thread.close(() -> last.complete(ended.size()));
        assertEquals(0, ended.size());
        held.countDown();
        assertEquals(1, first.get(10, TimeUnit.SECONDS));
        assertEquals(2, second.get(10, TimeUnit.SECONDS));
        assertEquals(grants.size(), last.get(10, TimeUnit.SECONDS), "before the last step");
        assertEquals(grants, ended.stream().sorted().toList());
    }

    @Test
    void whatIsNamedWhileARoundRunsIsEndedByTheNext() throws Exception {
        thread.end(1);
        WorkerRig.await("ended", () -> ended.contains(1L));
        thread.end(2);
        WorkerRig.await("ended", () -> ended.contains(2L));
        thread.close(() -> {});
        thread.end(3);
        assertEquals(List.of(1L, 2L), List.copyOf(ended), "the last step ends what is left");
    }

    private static boolean waitFor(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
