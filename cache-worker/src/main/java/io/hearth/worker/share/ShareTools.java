package io.hearth.worker.share;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.fill.Fills;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What shares work with.
 *
 * @param worker the worker's id; @param incarnation which of its lives
 * @param fillPump blocks under way; @param readPump chunks being read back
 * @param leases of shares, on disk and of an earlier life
 * @param compared done when a file was held against its origin's checksum, as far as that needs no reading
 * @param thread the shares' own: makes and drops files, one share after the other, and tries again later
 */
record ShareTools(
        String worker,
        long incarnation,
        TierStore store,
        Fills fills,
        DiskThreads disk,
        WorkerMetrics metrics,
        StepPump fillPump,
        StepPump readPump,
        KeptLeases leases,
        Function<ObjectFile, CompletableFuture<Void>> compared,
        ScheduledExecutorService thread) {
    /**
     * With {@link #TRIES_MAX}, five seconds of a full queue: a worker that is as busy for longer says so to the master.
     */
    private static final long RETRY_MS = 250;

    private static final int TRIES_MAX = 20;

    /** Holds the file; false if it is gone. Done at once where it is open. */
    CompletableFuture<Boolean> hold(ObjectFile file) {
        return file.tryHold() ? CompletableFuture.completedFuture(true) : disk.call(() -> store.hold(file));
    }

    /** Runs the attempt again, after a pause, while one of this worker's own queues is full. */
    <T> CompletableFuture<T> patiently(Supplier<CompletableFuture<T>> attempt) {
        return patiently(attempt, 1);
    }

    private <T> CompletableFuture<T> patiently(Supplier<CompletableFuture<T>> attempt, int tries) {
        CompletableFuture<CompletableFuture<T>> next = attempt.get().handle((value, failure) -> {
            if (failure == null) {
                return CompletableFuture.completedFuture(value);
            }
            HearthException why = HearthException.of(failure);
            return why.kind() == FailureKind.OVERLOADED && tries < TRIES_MAX
                    ? later().thenCompose(paused -> patiently(attempt, tries + 1))
                    : CompletableFuture.failedFuture(why);
        });
        return next.thenCompose(result -> result);
    }

    /**
     * Drops the file if it got no byte: at once, or when the transfer that still holds it has been given up. Blocks.
     */
    void dropUnused(ObjectFile file) {
        dropUnused(file, 1);
    }

    private void dropUnused(ObjectFile file, int tries) {
        store.dropIfUnused(file);
        if (file.residentBytes() == 0 && file.held() && tries < TRIES_MAX) {
            later().thenRun(() -> dropUnused(file, tries + 1));
        }
    }

    private CompletableFuture<Void> later() {
        CompletableFuture<Void> pause = new CompletableFuture<>();
        try {
            thread.schedule(() -> pause.complete(null), RETRY_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            pause.completeExceptionally(new HearthException(FailureKind.UNAVAILABLE, "the worker is stopping", e));
        }
        return pause;
    }
}
