package io.hearth.worker.descriptor;

import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;

/**
 * The thread that one peer has for itself: a device that is never mounted may hold a call on it for good
 * (linux/fs/fuse/dev.c, SYNC_INIT). What waits for it is bounded however many files may be kept: one request, one round
 * of ends, and the last step. Thread-safe.
 */
final class KeepThread {
    private static final int WAITING_MAX = 3;

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX), work -> {
                Thread fresh = new Thread(work, "hearth-worker-keeps");
                fresh.setDaemon(true);
                return fresh;
            });
    private final LongConsumer end;
    /** Of grants that have an id, so no more than files are kept. */
    private final Set<Long> ending = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean round = new AtomicBoolean();

    /** @param end what is done with each grant that {@link #end(long)} names */
    KeepThread(LongConsumer end) {
        this.end = end;
    }

    /** A request; the caller has one at a time. */
    CompletableFuture<Integer> ask(IntSupplier work) {
        return CompletableFuture.supplyAsync(work::getAsInt, thread);
    }

    /** A grant's id is to be ended, some time. */
    void end(long grant) {
        ending.add(grant);
        if (!round.getAndSet(true) && !thread.isShutdown()) {
            thread.execute(this::endAll);
        }
    }

    private void endAll() {
        round.set(false); // What is named from here on gets a round of its own.
        for (Long grant : ending) {
            ending.remove(grant);
            end.accept(grant);
        }
    }

    /** Does a last thing after all that waits; no more is taken. */
    void close(Runnable last) {
        thread.execute(last);
        thread.shutdown();
    }
}
