package io.hearth.master;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Lets requests wait, without a thread, for the next change of a dataset. Thread-safe. */
final class ChangeSignals implements AutoCloseable {
    private final Map<String, Set<CompletableFuture<Void>>> waiting = new ConcurrentHashMap<>();
    private final OwnedThreads threads;
    private volatile boolean closed;

    ChangeSignals(OwnedThreads threads) {
        this.threads = threads;
    }

    /**
     * A future that is done at the dataset's next change, or after {@code bound}. Take it before looking at the state
     * that may change, or the change may be missed.
     */
    CompletableFuture<Void> next(String uid, Duration bound) {
        CompletableFuture<Void> signal = new CompletableFuture<>();
        waiting.compute(uid, (key, all) -> {
            Set<CompletableFuture<Void>> waiters = all == null ? ConcurrentHashMap.newKeySet() : all;
            waiters.add(signal);
            return waiters;
        });
        signal.whenComplete((done, failure) -> waiting.computeIfPresent(uid, (key, all) -> {
            all.remove(signal);
            return all.isEmpty() ? null : all;
        }));
        if (closed) {
            signal.complete(null);
        } else {
            threads.after(bound, () -> signal.complete(null));
        }
        return signal;
    }

    void changed(String uid) {
        Set<CompletableFuture<Void>> waiters = waiting.remove(uid);
        if (waiters != null) {
            waiters.forEach(signal -> signal.complete(null));
        }
    }

    /** Requests that wait now. */
    int waiting() {
        return waiting.values().stream().mapToInt(Set::size).sum();
    }

    @Override
    public void close() {
        closed = true;
        Set.copyOf(waiting.keySet()).forEach(this::changed);
    }
}
