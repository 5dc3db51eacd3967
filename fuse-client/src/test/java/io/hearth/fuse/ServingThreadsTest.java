package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ServingThreadsTest {
    private final AtomicInteger looping = new AtomicInteger();
    private final Semaphore begun = new Semaphore(0);
    private final CountDownLatch end = new CountDownLatch(1);

    private void loop() {
        looping.incrementAndGet();
        begun.release();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        looping.decrementAndGet();
    }

    @Test
    void oneThreadIsAlwaysFreeUpToTheBound() throws Exception {
        ServingThreads threads = new ServingThreads(this::loop, 3);
        CompletableFuture<Boolean> served = CompletableFuture.supplyAsync(threads::serve);
        assertTrue(begun.tryAcquire(10, TimeUnit.SECONDS));
        for (int request = 1; request <= 5; request++) {
            threads.entered();
        }
        assertTrue(begun.tryAcquire(2, 10, TimeUnit.SECONDS), "a second and a third thread");
        assertEquals(3, looping.get());
        end.countDown();
        assertTrue(served.get(10, TimeUnit.SECONDS));
        assertEquals(0, looping.get(), "serve waits for all of them");
    }

    @Test
    void requestsOneAfterTheOtherTakeTwoThreads() throws Exception {
        ServingThreads threads = new ServingThreads(this::loop, 100);
        for (int request = 1; request <= 1000; request++) {
            threads.entered();
            threads.left();
        }
        assertTrue(begun.tryAcquire(10, TimeUnit.SECONDS));
        end.countDown();
        assertTrue(threads.serve());
        assertEquals(1, begun.availablePermits(), "one more, for the calling thread's own loop");
    }
}
