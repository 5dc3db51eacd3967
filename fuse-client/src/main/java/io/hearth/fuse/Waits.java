package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a future within a bound, and translates what it may fail with. */
final class Waits {
    private Waits() {}

    /** @param what what is waited for, for the message */
    static <T> T join(CompletableFuture<T> future, Duration bound, String what) {
        try {
            return future.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw late(bound, what, e);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.UNAVAILABLE, "interrupted while waiting for " + what, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw late(bound, what, e);
            }
            throw HearthException.of(e);
        }
    }

    private static HearthException late(Duration bound, String what, Exception cause) {
        return new HearthException(
                FailureKind.TIMEOUT, "no master gave " + what + " within " + bound.toMillis() + " ms", cause);
    }
}
