package io.hearth.objectstore.engine;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.Durations;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One request of a range. It is over when the transfer has ended and the sink holds no buffer of it. */
final class RangeAttempt implements RangeSink, Permit.Running {
    private final RangeTools tools;
    private final RangeRead read;
    private final Permit permit;
    private final long startedNs;
    private volatile CompletableFuture<Void> transfer;
    private volatile ScheduledFuture<?> looks;
    private volatile boolean lost;
    private volatile boolean abandoned;
    // Guarded by this.
    private boolean inSink;
    private long sinkSinceNs;
    private long sinkNs;
    private long firstByteNs;
    private long endedNs;
    private long bytes;
    /** Why it ended, made when it is asked for: most ranges end well. */
    private Supplier<HearthException> ended;

    private HearthException sinkFailure;
    private boolean over;
    private int pieces;
    private int piecesSeen;
    private long idleLooks;

    RangeAttempt(RangeTools tools, RangeRead read, Permit permit) {
        this.tools = tools;
        this.read = read;
        this.permit = permit;
        this.startedNs = tools.nanos().getAsLong();
        permit.runs(this);
    }

    void start(ObjectStore store, RangeRequest rest) {
        looks = tools.timer().scheduleWithFixedDelay(this::look, tools.lookMs(), tools.lookMs(), TimeUnit.MILLISECONDS);
        try {
            transfer = store.get(rest, this);
        } catch (RuntimeException | Error e) {
            transfer = CompletableFuture.failedFuture(e);
        }
        read.result().whenComplete((nothing, failure) -> transfer.cancel(true));
        if (lost || abandoned) {
            transfer.cancel(true);
        }
        transfer.whenComplete(
                (nothing, failure) -> end(failure == null ? this::cameShort : () -> HearthException.of(failure)));
    }

    private HearthException cameShort() {
        return new HearthException(FailureKind.UNAVAILABLE, read.request().key() + ": the range came short");
    }

    boolean lost() {
        return lost;
    }

    boolean abandoned() {
        return abandoned;
    }

    /** The other of two was faster. */
    void lose() {
        lost = true;
        giveUp(new HearthException(FailureKind.TIMEOUT, "another request for the same bytes was faster"));
    }

    @Override
    public void abandon() {
        synchronized (this) {
            if (abandoned || over || ended != null || !read.mayAbandon()) {
                return;
            }
            abandoned = true;
        }
        giveUp(new HearthException(FailureKind.TIMEOUT, read.request().key() + ": far slower than other ranges"));
    }

    private void giveUp(HearthException why) {
        end(() -> why);
        CompletableFuture<Void> current = transfer;
        if (current != null) {
            current.cancel(true);
        }
    }

    @Override
    public synchronized Progress progress() {
        if (bytes == 0) {
            return new Progress(0, 0, read.leftBytes());
        }
        long nowNs =
                ended != null ? endedNs : inSink ? sinkSinceNs : tools.nanos().getAsLong();
        return new Progress(bytes, nowNs - firstByteNs - sinkNs, read.leftBytes());
    }

    @Override
    public CompletionStage<Void> accept(ByteBuffer buffer) {
        int count = buffer.remaining();
        long nowNs = tools.nanos().getAsLong();
        if (!read.feeds(this) || !begin(count, nowNs)) {
            tools.metrics().wasted(count);
            return CompletableFuture.failedStage(new HearthException(FailureKind.TIMEOUT, "this attempt was given up"));
        }
        CompletionStage<Void> stage;
        try {
            stage = read.sink().accept(buffer);
        } catch (RuntimeException | Error e) {
            // An error as well: Netty throws one for want of direct memory, and the range would never end.
            stage = CompletableFuture.failedStage(e);
        }
        return stage.whenComplete((nothing, failure) -> {
            synchronized (this) {
                inSink = false;
                sinkNs += tools.nanos().getAsLong() - sinkSinceNs;
                if (failure == null) {
                    read.took(count);
                } else {
                    sinkFailure = HearthException.of(failure);
                }
            }
            settle();
        });
    }

    private synchronized boolean begin(int count, long nowNs) {
        if (ended != null || read.result().isDone()) {
            return false;
        }
        if (pieces == 0) {
            firstByteNs = nowNs;
            read.gate().pace().firstByte(nowNs - startedNs);
        }
        inSink = true;
        sinkSinceNs = nowNs;
        pieces++;
        bytes += count;
        return true;
    }

    private void end(Supplier<HearthException> reason) {
        synchronized (this) {
            if (ended == null) {
                ended = reason;
                endedNs = tools.nanos().getAsLong();
            }
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
            read.result().completeExceptionally(sinkFailure);
        }
        read.over(this, permit, () -> sinkFailure != null ? sinkFailure : ended.get());
    }

    private void look() {
        if (transfer == null) {
            return;
        }
        synchronized (this) {
            idleLooks = inSink || pieces != piecesSeen ? 0 : idleLooks + 1;
            piecesSeen = pieces;
            if (ended != null || idleLooks < (pieces == 0 ? tools.idleLooksBeforeFirstByte() : RangeTools.LOOKS)) {
                return;
            }
        }
        Duration bound = pieces == 0
                ? tools.settings().firstByteTimeout()
                : tools.settings().stallTimeout();
        giveUp(new HearthException(
                FailureKind.TIMEOUT, read.request().key() + ": no byte from the store for " + Durations.format(bound)));
    }
}
