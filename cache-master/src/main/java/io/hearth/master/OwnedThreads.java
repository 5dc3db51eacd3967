package io.hearth.master;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master's threads: one pool for requests, bounded in threads and queue, and one thread for what recurs. What runs
 * beside a master names and ends its own threads as this does.
 */
public final class OwnedThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedThreads.class);

    private final ThreadPoolExecutor api;
    private final ScheduledThreadPoolExecutor scheduler;
    private final Duration closeTimeout;

    OwnedThreads(MasterSettings settings) {
        api = new ThreadPoolExecutor(
                settings.apiThreads(),
                settings.apiThreads(),
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(settings.apiQueueMax()),
                named("hearth-master-api-"));
        api.allowCoreThreadTimeOut(true);
        scheduler = new ScheduledThreadPoolExecutor(1, named("hearth-master-clock-"));
        scheduler.setRemoveOnCancelPolicy(true);
        scheduler.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        closeTimeout = settings.closeTimeout();
    }

    /** Runs requests; refuses with {@code OVERLOADED} when its queue is full. */
    Executor api() {
        return task -> {
            try {
                api.execute(task);
            } catch (RejectedExecutionException e) {
                throw new HearthException(
                        api.isShutdown() ? FailureKind.UNAVAILABLE : FailureKind.OVERLOADED,
                        api.isShutdown() ? "the master is shutting down" : "the master has too much to do: try again",
                        e);
            }
        };
    }

    /** Runs {@code task} again and again on the clock's thread; a failure is logged and does not end it. */
    void every(Duration interval, String what, Runnable task) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.warn("{}: {}", what, HearthException.of(e).getMessage());
            }
        };
        scheduler.scheduleWithFixedDelay(guarded, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs a short task once, later, on the clock's thread. */
    void after(Duration delay, Runnable task) {
        try {
            scheduler.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            task.run(); // Shutting down: whoever waits is answered now.
        }
    }

    /** Daemon threads named by the prefix and their number. */
    public static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Waits for a pool that was shut down; past the bound its threads are interrupted. */
    public static void awaitEnd(ExecutorService executor, Duration bound) {
        try {
            if (!executor.awaitTermination(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("threads of the master did not end within {}: they are interrupted", bound);
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        scheduler.shutdown();
        awaitEnd(scheduler, closeTimeout);
        api.shutdown();
        awaitEnd(api, closeTimeout);
    }
}
