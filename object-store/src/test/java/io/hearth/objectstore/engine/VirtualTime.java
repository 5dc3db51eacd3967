package io.hearth.objectstore.engine;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A clock that goes from one task to the next, on the caller's thread. Not thread-safe. */
final class VirtualTime extends AbstractExecutorService implements ScheduledExecutorService {
    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>(
            Comparator.<Task<?>>comparingLong(one -> one.atNs).thenComparingLong(one -> one.turn));
    private long nowNs;
    private long turns;

    long nanos() {
        return nowNs;
    }

    double seconds() {
        return nowNs / 1e9;
    }

    /** Runs the next task; false if there is none. */
    boolean step() {
        Task<?> next = tasks.poll();
        if (next == null) {
            return false;
        }
        nowNs = Math.max(nowNs, next.atNs);
        next.run();
        return true;
    }

    private final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {
        private final long repeatNs;
        private long atNs;
        private long turn;

        Task(Callable<V> work, long waitNs, long repeatNs) {
            super(work);
            this.repeatNs = repeatNs;
            plan(waitNs);
        }

        private void plan(long waitNs) {
            atNs = nowNs + Math.max(0, waitNs);
            turn = turns++;
            tasks.add(this);
        }

        @Override
        public void run() {
            if (repeatNs == 0) {
                super.run();
            } else if (runAndReset()) {
                plan(repeatNs);
            }
        }

        @Override
        public boolean cancel(boolean interrupt) {
            tasks.remove(this);
            return super.cancel(interrupt);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(atNs - nowNs, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return new Task<>(Executors.callable(task), unit.toNanos(delay), 0);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        return new Task<>(task, unit.toNanos(delay), 0);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
        return scheduleWithFixedDelay(task, first, period, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
        return new Task<>(Executors.callable(task), unit.toNanos(first), unit.toNanos(delay));
    }

    @Override
    public void execute(Runnable task) {
        schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public void shutdown() {
        tasks.clear();
    }

    @Override
    public List<Runnable> shutdownNow() {
        tasks.clear();
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
