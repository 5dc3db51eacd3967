package io.hearth.worker.share;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.fill.Fills;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shares of this life, by id. They are in memory alone: after a restart a master finds none, and asks again. One
 * thread of its own makes and drops files, so that two shares never reserve the same room. Thread-safe.
 */
public final class Shares implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shares.class);
    private static final long EXPIRY_CHECK_MS_MAX = 1000;
    private static final int CLOSE_SECONDS_MAX = 5;

    private final ShareLimits limits;
    private final LeaseClock clock;
    private final KeptLeases kept;
    private final long bornNanos;
    private final WorkerMetrics metrics;
    private final ScheduledThreadPoolExecutor thread;
    private final ShareTools tools;
    private final Map<String, Entry> shares = new HashMap<>();
    private int items;
    private boolean closed;

    /** A share and when it was asked about; guarded by the map. */
    private static final class Entry {
        private final Share share;
        private long askedNanos;

        Entry(Share share) {
            this.share = share;
        }
    }

    /**
     * @param compared done when a file was held against its origin's checksum, as far as that needs no reading
     * @param kept leases of an earlier life; @param clock for the expiry, of theirs and of shares
     */
    public Shares(
            String worker,
            long incarnation,
            TierStore store,
            Fills fills,
            DiskThreads disk,
            WorkerMetrics metrics,
            ShareLimits limits,
            KeptLeases kept,
            Function<ObjectFile, CompletableFuture<Void>> compared,
            LeaseClock clock) {
        this.limits = limits;
        this.clock = clock;
        this.kept = kept;
        this.bornNanos = clock.nanos();
        this.metrics = metrics;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "hearth-worker-shares");
            made.setDaemon(true);
            return made;
        });
        StepPump fillPump = new StepPump(limits.blocksMax());
        StepPump readPump = new StepPump(limits.readsMax());
        this.tools = new ShareTools(
                worker, incarnation, store, fills, disk, metrics, fillPump, readPump, kept, compared, thread);
        metrics.watchShares(this::size, fillPump::running);
        long checkMs = Math.max(1, Math.min(limits.expiry().toMillis() / 4, EXPIRY_CHECK_MS_MAX));
        thread.scheduleWithFixedDelay(this::expire, checkMs, checkMs, TimeUnit.MILLISECONDS);
    }

    /** How many shares there are. */
    public int size() {
        synchronized (shares) {
            return shares.size();
        }
    }

    /** The share, if it is known here; it was asked about now. */
    public Optional<Share> known(String id) {
        synchronized (shares) {
            Optional<Entry> entry = Optional.ofNullable(shares.get(id));
            entry.ifPresent(found -> found.askedNanos = clock.nanos());
            return entry.map(found -> found.share);
        }
    }

    /** @throws HearthException {@link FailureKind#NOT_FOUND} for an id that is not known here */
    public Share get(String id) {
        return known(id)
                .orElseThrow(() -> new HearthException(
                        FailureKind.NOT_FOUND,
                        "the share " + id + " is not known here: this worker restarted or dropped it"));
    }

    /**
     * Makes a share, which begins to reserve; the one of that id, if there is one.
     *
     * @throws HearthException {@link FailureKind#OVERLOADED} if there are too many already
     */
    public Share begin(String id, ShareOrder order) {
        Share share = new Share(tools, id, order);
        synchronized (shares) {
            Optional<Share> known = known(id);
            if (known.isPresent()) {
                return known.get();
            }
            if (closed) {
                throw new HearthException(FailureKind.UNAVAILABLE, "the worker is stopping");
            }
            if (shares.size() >= limits.sharesMax() || items + share.itemCount() > limits.itemsMax()) {
                throw new HearthException(
                        FailureKind.OVERLOADED,
                        "this worker keeps " + shares.size() + " shares of loads with " + items
                                + " items, and takes up to " + limits.sharesMax() + " with " + limits.itemsMax()
                                + ": wait, or raise worker.shares-max or worker.share-items");
            }
            Entry entry = new Entry(share);
            entry.askedNanos = clock.nanos();
            shares.put(id, entry);
            items += share.itemCount();
            thread.execute(share::reserve);
        }
        return share;
    }

    /** Ends the share, known or not; done when its leases have ended. */
    public CompletableFuture<Void> end(String id) {
        Optional<Share> ending;
        synchronized (shares) {
            ending = remove(id);
        }
        ending.ifPresent(Share::cancel);
        return onThread(() -> {
            ending.ifPresent(Share::end);
            kept.end(id);
        });
    }

    private Optional<Share> remove(String id) {
        Optional<Share> removed = Optional.ofNullable(shares.remove(id)).map(entry -> entry.share);
        removed.ifPresent(share -> items -= share.itemCount());
        return removed;
    }

    private CompletableFuture<Void> onThread(Runnable task) {
        try {
            return CompletableFuture.runAsync(task, thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(
                    new HearthException(FailureKind.UNAVAILABLE, "the worker is stopping", e));
        }
    }

    private void expire() {
        try {
            removeExpired().forEach((id, share) -> {
                LOG.info("the share {} ends: no master asked about it for {}", id, limits.expiry());
                metrics.shareExpired();
                share.cancel();
                share.end();
                kept.end(id);
            });
            if (kept.size() > 0 && clock.nanos() - bornNanos > limits.expiry().toNanos()) {
                LOG.info("leases of an earlier life end: no master asked about their shares for {}", limits.expiry());
                kept.endAll();
            }
        } catch (RuntimeException e) {
            LOG.error("an error while shares were ended", e);
        }
    }

    private Map<String, Share> removeExpired() {
        long now = clock.nanos();
        Map<String, Share> removed = new HashMap<>();
        synchronized (shares) {
            shares.forEach((id, entry) -> {
                if (now - entry.askedNanos > limits.expiry().toNanos()) {
                    removed.put(id, entry.share);
                }
            });
            removed.keySet().forEach(this::remove);
        }
        return removed;
    }

    /** Ends all shares, within five seconds. */
    @Override
    public void close() {
        List<Share> ending;
        synchronized (shares) {
            closed = true;
            ending = List.copyOf(shares.keySet()).stream()
                    .flatMap(id -> remove(id).stream())
                    .toList();
        }
        // Their leases stay in the book: the next life takes them again.
        ending.forEach(share -> {
            share.cancel();
            onThread(share::end);
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
