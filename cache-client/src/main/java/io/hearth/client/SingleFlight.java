package io.hearth.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Joins callers that want the same thing at the same time to one computation. Thread-safe. */
public final class SingleFlight<K, V> {
    private final ConcurrentHashMap<K, CompletableFuture<V>> flights = new ConcurrentHashMap<>();

    /**
     * The running computation for {@code key}, or the one that {@code start} begins. A finished one is forgotten: the
     * next caller starts anew.
     *
     * @return a future of the caller's own; cancelling it leaves the computation to the others
     */
    public CompletableFuture<V> join(K key, Supplier<CompletableFuture<V>> start) {
        CompletableFuture<V> flight = new CompletableFuture<>();
        CompletableFuture<V> running = flights.putIfAbsent(key, flight);
        if (running != null) {
            return running.copy();
        }
        flight.whenComplete((value, failure) -> flights.remove(key, flight));
        try {
            start.get().whenComplete((value, failure) -> {
                if (failure != null) {
                    flight.completeExceptionally(failure);
                } else {
                    flight.complete(value);
                }
            });
        } catch (RuntimeException | Error e) {
            flight.completeExceptionally(e);
        }
        return flight.copy();
    }

    /** Computations under way. */
    public int size() {
        return flights.size();
    }
}
