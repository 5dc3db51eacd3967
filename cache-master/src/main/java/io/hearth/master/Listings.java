package io.hearth.master;

import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.DurableQueue;
import io.hearth.cluster.DurableQueue.Claim;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listings to be made. They wait in a durable queue, so that a restarted master goes on; its threads take them in
 * order, one at a time per dataset. Jobs that come for a dataset while it is being listed are done together after that.
 */
final class Listings implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listings.class);
    private static final Duration IDLE_WAIT = Duration.ofSeconds(1);

    private final ClusterStore store;
    private final DurableQueue<ListingJob> queue;
    private final ListingRun run;
    private final String node;
    private final MasterSettings settings;
    private final Clock clock;
    private final MasterMetrics metrics;
    private final ExecutorService executor;
    private final Semaphore offered = new Semaphore(0);

    /** Who waits for a job that is in the queue, by dataset uid. */
    private final Map<String, CompletableFuture<Void>> waiting = new ConcurrentHashMap<>();

    /** Guards {@link #claimed} and its lists. A dataset that is being listed has an entry: the jobs for after that. */
    private final Object lock = new Object();

    private final Map<String, List<Claim<ListingJob>>> claimed = new HashMap<>();
    /** Jobs that came while something else held their dataset, for the next free thread. */
    private final Queue<List<Claim<ListingJob>>> handed = new ConcurrentLinkedQueue<>();

    /** The jobs in work, whose claims are kept alive. */
    private final Map<String, List<Claim<ListingJob>>> current = new ConcurrentHashMap<>();

    private final Map<String, Long> startedMs = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Listings(ClusterStore store, ListingRun run, MasterSettings settings, Clock clock, MasterMetrics metrics) {
        this.store = store;
        this.queue = store.queue("listings", ListingJob.CODEC, settings.listingQueueMax());
        this.run = run;
        this.node = store.node();
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
        this.executor =
                Executors.newFixedThreadPool(settings.listingThreads(), OwnedThreads.named("hearth-master-listing-"));
    }

    /** Takes up what an earlier life left, and begins. */
    void start(OwnedThreads threads) {
        queue.releaseClaims(node);
        metrics.listingsWaiting.set(queue.length());
        Duration third = settings.listingLease().dividedBy(3);
        threads.every(third, "renewing listings", this::extendClaims);
        for (int i = 0; i < settings.listingThreads(); i++) {
            executor.execute(this::work);
        }
    }

    /**
     * Asks for a listing that begins after this call.
     *
     * @param with written in the same transaction; may fail it
     * @return done when the listing is, failed if it failed
     */
    CompletableFuture<Void> request(StoredDataset dataset, Runnable with) {
        CompletableFuture<Void> done = waiting.computeIfAbsent(dataset.uid(), uid -> new CompletableFuture<>());
        try {
            store.transact(() -> {
                with.run();
                queue.offer(ListingJob.of(dataset));
            });
        } catch (RuntimeException e) {
            waiting.remove(dataset.uid(), done);
            done.completeExceptionally(e);
            throw e;
        }
        metrics.listingsWaiting.incrementAndGet();
        offered.release();
        return done.copy();
    }

    /** Whether a listing of the dataset is queued by this process or running. */
    boolean busy(String uid) {
        synchronized (lock) {
            return claimed.containsKey(uid) || waiting.containsKey(uid);
        }
    }

    /** When this process last began to list the dataset; empty if it has not. */
    Optional<Long> lastStartedMs(String uid) {
        return Optional.ofNullable(startedMs.get(uid));
    }

    /** Runs {@code task} unless the dataset is being listed, and holds listings of it off meanwhile. */
    boolean runExclusively(String uid, Runnable task) {
        synchronized (lock) {
            if (claimed.containsKey(uid)) {
                return false;
            }
            claimed.put(uid, new ArrayList<>());
        }
        try {
            task.run();
        } finally {
            next(uid).ifPresent(batch -> {
                handed.add(batch);
                offered.release();
            });
        }
        return true;
    }

    void forget(String uid) {
        startedMs.remove(uid);
    }

    private void work() {
        while (!closed) {
            try {
                List<Claim<ListingJob>> batch = handed.poll();
                if (batch != null) {
                    runAll(batch);
                    continue;
                }
                Optional<Claim<ListingJob>> claim = queue.poll(node, settings.listingLease());
                if (claim.isPresent()) {
                    take(claim.get());
                } else {
                    offered.tryAcquire(IDLE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.warn("listing: {}", HearthException.of(e).getMessage(), e);
                    pause();
                }
            }
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(IDLE_WAIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    private void take(Claim<ListingJob> claim) {
        String uid = claim.item().uid();
        synchronized (lock) {
            List<Claim<ListingJob>> later = claimed.get(uid);
            if (later != null) {
                later.add(claim);
                return;
            }
            claimed.put(uid, new ArrayList<>());
        }
        runAll(List.of(claim));
    }

    private void runAll(List<Claim<ListingJob>> first) {
        Optional<List<Claim<ListingJob>>> batch = Optional.of(first);
        while (batch.isPresent() && !closed) {
            String uid = batch.get().get(0).item().uid();
            try {
                runOnce(batch.get());
            } finally {
                batch = next(uid);
            }
        }
    }

    /** The jobs that came meanwhile; with none, the dataset is free again. */
    private Optional<List<Claim<ListingJob>>> next(String uid) {
        synchronized (lock) {
            List<Claim<ListingJob>> later = claimed.get(uid);
            if (later == null || later.isEmpty()) {
                claimed.remove(uid);
                return Optional.empty();
            }
            claimed.put(uid, new ArrayList<>());
            return Optional.of(later);
        }
    }

    private void runOnce(List<Claim<ListingJob>> batch) {
        ListingJob job = batch.get(0).item();
        CompletableFuture<Void> done =
                Optional.ofNullable(waiting.remove(job.uid())).orElseGet(CompletableFuture::new);
        current.put(job.uid(), batch);
        startedMs.put(job.uid(), clock.millis());
        try {
            run.run(job, () -> batch.forEach(queue::acknowledge));
            done.complete(null);
        } catch (RuntimeException e) {
            done.completeExceptionally(closed ? shuttingDown() : HearthException.of(e));
        } finally {
            current.remove(job.uid());
            metrics.listingsWaiting.addAndGet(-batch.size());
        }
    }

    private void extendClaims() {
        current.values().forEach(batch -> batch.forEach(claim -> queue.extend(claim, settings.listingLease())));
        synchronized (lock) {
            claimed.values().forEach(batch -> batch.forEach(claim -> queue.extend(claim, settings.listingLease())));
        }
    }

    private static HearthException shuttingDown() {
        return new HearthException(
                FailureKind.UNAVAILABLE, "the master is shutting down: the listing goes on after it");
    }

    @Override
    public void close() {
        closed = true;
        offered.release(settings.listingThreads());
        executor.shutdown();
        OwnedThreads.awaitEnd(executor, settings.closeTimeout());
        waiting.values().forEach(done -> done.completeExceptionally(shuttingDown()));
    }
}
