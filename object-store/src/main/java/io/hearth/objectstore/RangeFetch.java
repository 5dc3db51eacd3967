package io.hearth.objectstore;

import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.Durations;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Reads ranges in spite of a store that fails now and then. Thread-safe; one instance serves a process.
 *
 * <p>A range that broke goes on after the last byte that the sink took, after a wait drawn from [0, min(max, base 2^n))
 * ("full jitter": Brooker, Exponential Backoff and Jitter, AWS 2015). An attempt that brings no byte for the stall
 * timeout is given up; the time that the sink takes does not count. Failures whose action is
 * {@link FailureKind.Action#STOP} are final, and so are the sink's own.
 */
public final class RangeFetch {
    /** Looks per stall timeout, so that a stall is seen after 1 to 1.25 times the timeout without a timer per buffer. */
    private static final int LOOKS = 4;

    private final OriginSettings settings;
    private final OriginMetrics metrics;
    private final RandomGenerator random;
    private final ScheduledExecutorService timer;
    private final long lookMs;
    private final long idleLooksBeforeFirstByte;

    /**
     * @param random for the waits; used by one thread at a time
     * @param timer for waits and stalls; what it runs does not block
     */
    public RangeFetch(
            OriginSettings settings, OriginMetrics metrics, RandomGenerator random, ScheduledExecutorService timer) {
        this.settings = settings;
        this.metrics = metrics;
        this.random = random;
        this.timer = timer;
        this.lookMs = Math.max(1, settings.stallTimeout().toMillis() / LOOKS);
        this.idleLooksBeforeFirstByte =
                Math.max(LOOKS, settings.firstByteTimeout().toMillis() / lookMs);
    }

    /**
     * Gives the sink every byte of the range once, in order.
     *
     * @return done when the sink has taken the last byte; fails with a {@link HearthException} once the attempts are
     *     spent or the failure is final, and then the sink holds no buffer; cancelling it gives the range up
     */
    public CompletableFuture<Void> fetch(ObjectStore store, RangeRequest request, RangeSink sink) {
        Fetch fetch = new Fetch(store, request, sink);
        fetch.next();
        return fetch.result;
    }

    private long backoffMs(int attemptsMade) {
        long ceiling = Math.min(
                settings.backoffMax().toMillis(), settings.backoffBase().toMillis() << Math.min(attemptsMade - 1, 20));
        synchronized (random) {
            return random.nextLong(ceiling + 1);
        }
    }

    private final class Fetch {
        private final ObjectStore store;
        private final RangeRequest request;
        private final RangeSink sink;
        private final CompletableFuture<Void> result = new CompletableFuture<>();
        private int taken;
        private int attempts;

        Fetch(ObjectStore store, RangeRequest request, RangeSink sink) {
            this.store = store;
            this.request = request;
            this.sink = sink;
        }

        void next() {
            attempts++;
            if (attempts > 1) {
                metrics.retried();
            }
            new Attempt(this).start();
        }

        RangeRequest rest() {
            return new RangeRequest(
                    request.key(),
                    request.validator(),
                    request.objectBytes(),
                    request.offset() + taken,
                    request.length() - taken);
        }

        void finish(HearthException failure) {
            if (taken == request.length()) {
                result.complete(null);
            } else if (failure.kind().action() == FailureKind.Action.STOP || result.isDone()) {
                result.completeExceptionally(failure);
            } else if (attempts >= settings.attemptsMax()) {
                result.completeExceptionally(new HearthException(
                        failure.kind(), failure.getMessage() + " (after " + attempts + " attempts)", failure));
            } else {
                timer.schedule(
                        () -> {
                            if (!result.isDone()) {
                                next();
                            }
                        },
                        backoffMs(attempts),
                        TimeUnit.MILLISECONDS);
            }
        }
    }

    /** One request of a fetch. It is over when the transfer has ended and the sink holds no buffer. */
    private final class Attempt implements RangeSink {
        private final Fetch fetch;
        private volatile CompletableFuture<Void> transfer;
        private ScheduledFuture<?> looks;
        // Guarded by this.
        private boolean inSink;
        private HearthException ended;
        private HearthException sinkFailure;
        private boolean over;
        private int pieces;
        private int piecesSeen;
        private long idleLooks;

        Attempt(Fetch fetch) {
            this.fetch = fetch;
        }

        void start() {
            looks = timer.scheduleWithFixedDelay(this::look, lookMs, lookMs, TimeUnit.MILLISECONDS);
            try {
                transfer = fetch.store.get(fetch.rest(), this);
            } catch (RuntimeException | Error e) {
                transfer = CompletableFuture.failedFuture(e);
            }
            fetch.result.whenComplete((nothing, failure) -> transfer.cancel(true));
            transfer.whenComplete((nothing, failure) -> end(
                    failure == null
                            ? new HearthException(
                                    FailureKind.UNAVAILABLE, fetch.request.key() + ": the range came short")
                            : HearthException.of(failure)));
        }

        @Override
        public CompletionStage<Void> accept(ByteBuffer bytes) {
            int count = bytes.remaining();
            synchronized (this) {
                if (ended != null || fetch.result.isDone()) {
                    return CompletableFuture.failedStage(
                            new HearthException(FailureKind.TIMEOUT, "this attempt was given up"));
                }
                inSink = true;
                pieces++;
            }
            CompletionStage<Void> stage;
            try {
                stage = fetch.sink.accept(bytes);
            } catch (RuntimeException | Error e) {
                // An error as well: Netty throws one for want of direct memory, and the range would never end.
                stage = CompletableFuture.failedStage(e);
            }
            return stage.whenComplete((nothing, failure) -> {
                synchronized (this) {
                    inSink = false;
                    if (failure == null) {
                        fetch.taken += count;
                    } else {
                        sinkFailure = HearthException.of(failure);
                    }
                }
                settle();
            });
        }

        private void end(HearthException reason) {
            synchronized (this) {
                ended = ended == null ? reason : ended;
            }
            settle();
        }

        private void settle() {
            synchronized (this) {
                if (over || inSink || ended == null && sinkFailure == null) {
                    return;
                }
                over = true;
            }
            looks.cancel(false);
            if (sinkFailure != null) {
                fetch.result.completeExceptionally(sinkFailure);
            } else {
                fetch.finish(ended);
            }
        }

        private void look() {
            CompletableFuture<Void> current = transfer;
            if (current == null) {
                return;
            }
            synchronized (this) {
                idleLooks = inSink || pieces != piecesSeen ? 0 : idleLooks + 1;
                piecesSeen = pieces;
                if (ended != null || idleLooks < (pieces == 0 ? idleLooksBeforeFirstByte : LOOKS)) {
                    return;
                }
            }
            Duration bound = pieces == 0 ? settings.firstByteTimeout() : settings.stallTimeout();
            end(new HearthException(
                    FailureKind.TIMEOUT,
                    fetch.request.key() + ": no byte from the store for " + Durations.format(bound)));
            current.cancel(true);
        }
    }
}
