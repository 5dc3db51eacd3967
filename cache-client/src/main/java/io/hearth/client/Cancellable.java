package io.hearth.client;

import io.hearth.protocol.HearthException;
import java.util.concurrent.CompletableFuture;

/** A result that follows a step begun later, and cancels it when it is cancelled itself. Thread-safe. */
final class Cancellable {
    private final CompletableFuture<Void> result = new CompletableFuture<>();

    CompletableFuture<Void> result() {
        return result;
    }

    void fail(Throwable thrown) {
        result.completeExceptionally(HearthException.of(thrown));
    }

    void follow(CompletableFuture<Void> step) {
        step.whenComplete((nothing, thrown) -> {
            if (thrown == null) {
                result.complete(null);
            } else {
                fail(thrown);
            }
        });
        result.whenComplete((nothing, thrown) -> step.cancel(false));
    }
}
