package io.hearth.worker.fill;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * How many transfers run at once, and who is next: demand before the background, which is prefetches and loads by
 * turns. The background uses at most three quarters of the slots, so that a reader who comes now never waits behind it
 * alone. Thread-safe; nothing blocks.
 */
public final class FillSlots {
    private final int slotsMax;
    private final int demandMax;
    private final int prefetchMax;
    private final int loadMax;
    private final ArrayDeque<Job> demand = new ArrayDeque<>();
    private final ArrayDeque<Job> prefetch = new ArrayDeque<>();
    private final ArrayDeque<Job> load = new ArrayDeque<>();
    private final AtomicInteger passes = new AtomicInteger();
    private int running;
    private int speculating;
    private boolean loadNext;
    private volatile Runnable afterEach = () -> {};

    /**
     * @param demandMax most jobs that wait for readers
     * @param prefetchMax most that wait for nobody yet
     * @param loadMax most that wait for loads
     */
    public FillSlots(int slotsMax, int demandMax, int prefetchMax, int loadMax) {
        this.slotsMax = slotsMax;
        this.demandMax = demandMax;
        this.prefetchMax = prefetchMax;
        this.loadMax = loadMax;
    }

    /** A transfer; started once, by whoever frees a slot. It must not block. */
    public static final class Job {
        private final Supplier<CompletableFuture<?>> start;
        private boolean urgent;

        public Job(Supplier<CompletableFuture<?>> start) {
            this.start = start;
        }
    }

    /** Runs the job as soon as a slot is free; false if too many wait already. */
    public boolean demand(Job job) {
        synchronized (this) {
            if (running >= slotsMax && demand.size() >= demandMax) {
                return false;
            }
            demand.add(job);
        }
        startSome();
        return true;
    }

    /** Runs the job when no demand wants the slot; false, and nothing done, if the queue is full. */
    public boolean prefetch(Job job) {
        return background(job, prefetch, prefetchMax);
    }

    /** The same for a load, which has a queue of its own: hints of readers cannot fill it, nor it theirs. */
    public boolean load(Job job) {
        return background(job, load, loadMax);
    }

    private boolean background(Job job, ArrayDeque<Job> queue, int queueMax) {
        synchronized (this) {
            if (queue.size() >= queueMax) {
                return false;
            }
            (job.urgent ? demand : queue).add(job);
        }
        startSome();
        return true;
    }

    /** Moves a job of the background in front, whether it waits already or is about to: a reader waits for it now. */
    public void promote(Job job) {
        synchronized (this) {
            job.urgent = true;
            if (prefetch.remove(job) || load.remove(job)) {
                demand.add(job);
            }
        }
        startSome();
    }

    /** Takes back a load's job that has not started; nobody wants it any more. */
    public synchronized void withdraw(Job job) {
        load.remove(job);
    }

    /** Whether another prefetch would be taken. */
    public synchronized boolean prefetchRoom() {
        return prefetch.size() < prefetchMax;
    }

    /** Runs the task whenever a job has ended and left its slot; it must not block. */
    void afterEach(Runnable task) {
        afterEach = task;
    }

    /** Jobs of the background that run, and prefetches that wait. */
    synchronized int ahead() {
        return speculating + prefetch.size();
    }

    public synchronized int running() {
        return running;
    }

    public synchronized int waiting() {
        return demand.size() + prefetch.size() + load.size();
    }

    /** One thread at a time starts jobs; a job that ends at once must not deepen the stack. */
    private void startSome() {
        if (passes.getAndIncrement() > 0) {
            return;
        }
        do {
            for (Optional<Started> next = next(); next.isPresent(); next = next()) {
                boolean speculative = next.get().speculative();
                start(next.get().job()).whenComplete((done, failure) -> {
                    ended(speculative);
                    startSome();
                    afterEach.run();
                });
            }
        } while (passes.decrementAndGet() > 0);
    }

    private static CompletableFuture<?> start(Job job) {
        try {
            return job.start.get();
        } catch (RuntimeException | Error e) {
            // An error as well: who starts jobs must come to the end, or nobody would start another.
            return CompletableFuture.failedFuture(e);
        }
    }

    private record Started(Job job, boolean speculative) {}

    private synchronized Optional<Started> next() {
        if (running >= slotsMax) {
            return Optional.empty();
        }
        Job job = demand.poll();
        boolean speculative = job == null;
        if (speculative && speculating < Math.max(1, slotsMax * 3 / 4)) {
            job = pollBackground();
        }
        if (job == null) {
            return Optional.empty();
        }
        running++;
        speculating += speculative ? 1 : 0;
        return Optional.of(new Started(job, speculative));
    }

    private Job pollBackground() {
        boolean fromLoad = prefetch.isEmpty() || loadNext && !load.isEmpty();
        loadNext = !fromLoad;
        return (fromLoad ? load : prefetch).poll();
    }

    private synchronized void ended(boolean speculative) {
        running--;
        speculating -= speculative ? 1 : 0;
    }
}
