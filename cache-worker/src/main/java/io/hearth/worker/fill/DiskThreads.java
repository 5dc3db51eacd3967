package io.hearth.worker.fill;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The worker's own threads for blocking disk work, with a bounded queue. Never interrupted: that would close files. */
public final class DiskThreads implements Executor, AutoCloseable {
    /** Memory that each thread keeps to check files with. */
    public static final int SCRATCH_BYTES = 256 << 10;

    private final ThreadPoolExecutor threads;
    private final Set<Runnable> owed = ConcurrentHashMap.newKeySet();
    private final ThreadLocal<ByteBuffer> scratch =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SCRATCH_BYTES));

    public DiskThreads(int threadsMax, int queueMax) {
        AtomicInteger number = new AtomicInteger();
        threads =
                new ThreadPoolExecutor(
                        threadsMax, threadsMax, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueMax), task -> {
                            Thread thread = new Thread(task, "hearth-worker-disk-" + number.getAndIncrement());
                            thread.setDaemon(true);
                            return thread;
                        }) {
                    @Override
                    protected void afterExecute(Runnable task, Throwable failure) {
                        runOwed();
                    }
                };
        threads.allowCoreThreadTimeOut(true);
    }

    /** The result of {@code work}; fails with {@link FailureKind#OVERLOADED} at once when the queue is full. */
    public <T> CompletableFuture<T> call(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new HearthException(
                    FailureKind.OVERLOADED, "the worker's disk queue is full or closed: try again", e));
        }
    }

    /** Runs {@code task}, by the caller where the queue is full: for closing files, which must not be lost. */
    @Override
    public void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    /**
     * Runs {@code task} by a thread of these soon: where the queue is full, by the one whose work ends next. A task
     * that waits so already is not run twice: callers give the same few tasks again and again. Lost when this is
     * closed.
     */
    public void whenFree(Runnable task) {
        if (owed.add(task)) {
            try {
                threads.execute(this::runOwed);
            } catch (RejectedExecutionException e) {
                // The queue was full with this one owed already: the end of what runs sees to it.
            }
        }
    }

    private void runOwed() {
        for (Runnable task : owed) {
            if (owed.remove(task)) {
                task.run();
            }
        }
    }

    /** A buffer of the calling thread's own, to check files with. */
    public ByteBuffer scratch() {
        return scratch.get();
    }

    /** Work that waits or runs. */
    public int size() {
        return threads.getQueue().size() + threads.getActiveCount();
    }

    /** Lets running and queued work end, within ten seconds. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            threads.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
