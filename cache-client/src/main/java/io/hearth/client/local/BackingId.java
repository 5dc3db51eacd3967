package io.hearth.client.local;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.IntSupplier;

/** By which number opens may name one granted file to the kernel, once somebody has asked for it. Thread-safe. */
final class BackingId {
    /** Another open may ask again. */
    static final int EAGAIN = 11;

    private final Function<IntSupplier, CompletableFuture<Integer>> request;
    private Optional<CompletableFuture<Integer>> asked = Optional.empty();

    /** @param request done with an id or a negative errno, or fails */
    BackingId(Function<IntSupplier, CompletableFuture<Integer>> request) {
        this.request = request;
    }

    /** As {@link io.hearth.client.WholeFile#keep}; all who ask share one id. */
    int await(IntSupplier device, Duration bound) {
        try {
            return ask(device).get(bound.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -EAGAIN;
        } catch (ExecutionException | TimeoutException e) {
            return -EAGAIN;
        }
    }

    /** What was refused may be given the next time: the kernel may have lacked memory, the worker descriptors. */
    private synchronized CompletableFuture<Integer> ask(IntSupplier device) {
        if (asked.filter(CompletableFuture::isDone).isPresent() && known().isEmpty()) {
            asked = Optional.empty();
        }
        if (asked.isEmpty()) {
            asked = Optional.of(request.apply(device));
        }
        return asked.get();
    }

    /** The id, if there is one by now. */
    synchronized Optional<Integer> known() {
        return asked.filter(coming -> coming.isDone() && !coming.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .filter(id -> id > 0);
    }
}
