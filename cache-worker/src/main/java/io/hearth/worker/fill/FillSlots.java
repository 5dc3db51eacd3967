package io.hearth.worker.fill;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * How many transfers run at once, and who is next: demand before prefetch. Prefetches use at most three quarters of the
 * slots, so that a reader who comes now never waits behind them alone. Thread-safe; nothing blocks.
 */
public final class FillSlots {
    private final int slotsMax;
    private final int demandMax;
    private final int prefetchMax;
    private final ArrayDeque<Job> demand = new ArrayDeque<>();
    private final ArrayDeque<Job> prefetch = new ArrayDeque<>();
    private final AtomicInteger passes = new AtomicInteger();
    private int running;
    private int prefetching;

    /** @param demandMax most jobs that wait for readers; @param prefetchMax most that wait for nobody yet */
    public FillSlots(int slotsMax, int demandMax, int prefetchMax) {
        this.slotsMax = slotsMax;
        this.demandMax = demandMax;
        this.prefetchMax = prefetchMax;
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
        synchronized (this) {
            if (prefetch.size() >= prefetchMax) {
                return false;
            }
            (job.urgent ? demand : prefetch).add(job);
        }
        startSome();
        return true;
    }

    /** Moves a prefetch in front, whether it waits already or is about to: somebody waits for it now. */
    public void promote(Job job) {
        synchronized (this) {
            job.urgent = true;
            if (prefetch.remove(job)) {
                demand.add(job);
            }
        }
        startSome();
    }

    /** Whether another prefetch would be taken. */
    public synchronized boolean prefetchRoom() {
        return prefetch.size() < prefetchMax;
    }

    public synchronized int running() {
        return running;
    }

    public synchronized int waiting() {
        return demand.size() + prefetch.size();
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
        if (speculative && prefetching < Math.max(1, slotsMax * 3 / 4)) {
            job = prefetch.poll();
        }
        if (job == null) {
            return Optional.empty();
        }
        running++;
        prefetching += speculative ? 1 : 0;
        return Optional.of(new Started(job, speculative));
    }

    private synchronized void ended(boolean speculative) {
        running--;
        prefetching -= speculative ? 1 : 0;
    }
}
