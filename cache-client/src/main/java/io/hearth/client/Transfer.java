package io.hearth.client;

import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A fetch that several attempts, one after another, bring to its end: knows how far the bytes given to the sink reach,
 * so that none is given twice, and passes a cancellation on to the attempt that runs. Used by one attempt at a time.
 */
public final class Transfer {
    private final long end;
    private final RangeSink sink;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private volatile long offset;
    private volatile CompletableFuture<?> running;
    private volatile CompletionStage<Void> lastTaken = CompletableFuture.completedFuture(null);

    public Transfer(long offset, int length, RangeSink sink) {
        this.offset = offset;
        this.end = offset + length;
        this.sink = sink;
        result.whenComplete((done, thrown) -> {
            CompletableFuture<?> attempt = running;
            if (result.isCancelled() && attempt != null) {
                attempt.cancel(false);
            }
        });
    }

    public CompletableFuture<Void> result() {
        return result;
    }

    /** The first byte not given yet. */
    public long offset() {
        return offset;
    }

    public int remaining() {
        return (int) (end - offset);
    }

    /** The sink for the next attempt; takes no more than was asked, and nothing once the fetch has ended. */
    public RangeSink counting(LongConsumer given) {
        return bytes -> {
            int count = bytes.remaining();
            if (result.isDone()) {
                return refuse(FailureKind.UNAVAILABLE, "the transfer was given up");
            }
            if (count > remaining()) {
                return refuse(
                        FailureKind.CORRUPT, "a source gave " + count + " bytes where " + remaining() + " were left");
            }
            CompletionStage<Void> taken = sink.accept(bytes);
            lastTaken = taken;
            offset += count;
            given.accept(count);
            taken.whenComplete((done, thrown) -> {
                if (thrown != null) {
                    fail(HearthException.of(thrown)); // The taker is gone: no other source would help.
                }
            });
            return taken;
        };
    }

    private static CompletionStage<Void> refuse(FailureKind kind, String line) {
        return CompletableFuture.failedFuture(new HearthException(kind, line));
    }

    /** Goes on with the value of {@code step}; its failure is the fetch's. */
    <T> void follow(CompletableFuture<T> step, Consumer<T> next) {
        step(step, next, this::fail);
    }

    /** Goes on with the value of {@code step}, or with its failure. */
    public <T> void step(CompletableFuture<T> step, Consumer<T> next, Consumer<HearthException> failed) {
        track(step);
        step.whenComplete((value, thrown) -> {
            if (result.isDone()) {
                return;
            }
            guarded(thrown == null ? () -> next.accept(value) : () -> failed.accept(HearthException.of(thrown)));
        });
    }

    /** Ends the fetch when {@code attempt} succeeds and every byte was given; else lets {@code next} decide. */
    public void onFailure(CompletableFuture<Void> attempt, Consumer<HearthException> next) {
        onEnd(
                attempt,
                () -> next.accept(
                        new HearthException(FailureKind.CORRUPT, "a source ended " + remaining() + " bytes early")),
                next);
    }

    /**
     * Ends the fetch when {@code attempt} succeeds and every byte was given; lets {@code more} go on when it succeeds
     * earlier, {@code next} when it fails. Both run after the sink has taken what it was given last.
     */
    public void onEnd(CompletableFuture<Void> attempt, Runnable more, Consumer<HearthException> next) {
        track(attempt);
        attempt.whenComplete((done, thrown) -> lastTaken.whenComplete((taken, refused) -> {
            if (result.isDone()) {
                return;
            } else if (thrown != null) {
                guarded(() -> next.accept(HearthException.of(thrown)));
            } else if (remaining() == 0) {
                result.complete(null);
            } else {
                guarded(more);
            }
        }));
    }

    public void fail(HearthException failure) {
        result.completeExceptionally(failure);
    }

    private void track(CompletableFuture<?> attempt) {
        running = attempt;
        if (result.isCancelled()) {
            attempt.cancel(false);
        }
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            fail(HearthException.of(e));
        }
    }
}
