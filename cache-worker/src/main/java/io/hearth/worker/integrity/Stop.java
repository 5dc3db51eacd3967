package io.hearth.worker.integrity;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells a thread to end, without an interrupt: that would close the files it reads. Also wakes it from its waits.
 * Thread-safe.
 */
final class Stop {
    private final CountDownLatch told = new CountDownLatch(1);
    private final CompletableFuture<Void> toldToo = new CompletableFuture<>();

    void tell() {
        told.countDown();
        toldToo.complete(null);
    }

    boolean told() {
        return told.getCount() == 0;
    }

    /** Waits that long, or until told. Gives whether it was told. */
    boolean within(long waitNanos) {
        try {
            return waitNanos > 0 ? told.await(waitNanos, TimeUnit.NANOSECONDS) : told();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Waits for the future to end, well or not, or until told. Gives whether it was told. */
    boolean before(CompletableFuture<?> future) {
        CompletableFuture.anyOf(toldToo, future.handle((value, failure) -> true))
                .join();
        return told();
    }
}
