package io.hearth.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Joins callers that want the same thing at the same time to one computation. Thread-safe. */
public final class SingleFlight<K, V> {
    /** Who waits, in the order in which they came; changed under the map's lock of the key. */
    private final ConcurrentHashMap<K, List<CompletableFuture<V>>> flights = new ConcurrentHashMap<>();

    /**
     * The running computation for {@code key}, or the one that {@code start} begins. A finished one is forgotten: the
     * next caller starts anew. Callers go on in the order in which they came: what waits for a ticket to an origin must
     * not come to it the last first, as dependents of one future do.
     *
     * @return a future of the caller's own; cancelling it leaves the computation to the others
     */
    public CompletableFuture<V> join(K key, Supplier<CompletableFuture<V>> start) {
        CompletableFuture<V> caller = new CompletableFuture<>();
        boolean[] first = new boolean[1];
        flights.compute(key, (same, running) -> {
            first[0] = running == null;
            List<CompletableFuture<V>> callers = first[0] ? new ArrayList<>() : running;
            callers.add(caller);
            return callers;
        });
        if (first[0]) {
            begin(start).whenComplete((value, failure) -> end(key, value, failure));
        }
        return caller;
    }

    private CompletableFuture<V> begin(Supplier<CompletableFuture<V>> start) {
        try {
            return start.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void end(K key, V value, Throwable failure) {
        for (CompletableFuture<V> caller : flights.remove(key)) {
            if (failure != null) {
                caller.completeExceptionally(failure);
            } else {
                caller.complete(value);
            }
        }
    }

    /** Computations under way. */
    public int size() {
        return flights.size();
    }
}
