package io.hearth.worker.fill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DiskThreadsTest {
    @Test
    void whatIsToRunWhenFreeRunsOnceThoughTheQueueWasFull() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch ran = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        Runnable task = () -> {
            runs.incrementAndGet();
            ran.countDown();
        };
        try (DiskThreads disk = new DiskThreads(1, 1)) {
            disk.execute(() -> await(gate));
            disk.execute(() -> {});
            assertTrue(disk.call(() -> 1).isCompletedExceptionally(), "the queue is full");
            disk.whenFree(task);
            disk.whenFree(task);
            assertEquals(0, runs.get());
            gate.countDown();
            assertTrue(ran.await(10, TimeUnit.SECONDS), "nothing else was given to do");
        }
        assertEquals(1, runs.get());
    }

    @Test
    void whatIsToRunWhenFreeRunsAtOnceWhereNothingElseDoes() throws Exception {
        CountDownLatch ran = new CountDownLatch(2);
        Runnable task = ran::countDown;
        try (DiskThreads disk = new DiskThreads(1, 1)) {
            disk.whenFree(task);
            disk.call(() -> 1).get(10, TimeUnit.SECONDS);
            disk.whenFree(task);
            assertTrue(ran.await(10, TimeUnit.SECONDS));
        }
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
