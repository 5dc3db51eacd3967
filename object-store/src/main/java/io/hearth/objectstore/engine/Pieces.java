package io.hearth.objectstore.engine;

import io.hearth.objectstore.engine.Permit.Outcome;
import io.hearth.protocol.HearthException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Bytes that are asked for in pieces, several at once where turns come sooner than one request would bring them. How
 * long a piece is, is decided when its turn comes, so that nothing that runs has to be cut off to share the rest.
 * Thread-safe.
 */
final class Pieces implements OriginQueue.Waiter {
    private final OriginLane lane;
    private final OptionalLong partBytes;
    private final long end;
    private final PieceStart start;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private final List<CompletableFuture<Void>> running = new ArrayList<>();
    private long at;
    /** Cut off and not ended; one that is still being started is among them, and not in {@link #running} yet. */
    private int underWay;

    Pieces(OriginLane lane, OptionalLong partBytes, long offset, int length, PieceStart start) {
        this.lane = lane;
        this.partBytes = partBytes;
        this.at = offset;
        this.end = offset + length;
        this.start = start;
    }

    CompletableFuture<Void> fetch() {
        Runnable leave = lane.gate().join(lane, this);
        result.whenComplete((nothing, failure) -> {
            leave.run();
            if (failure != null) {
                unfinished().forEach(piece -> piece.cancel(false));
            }
        });
        return result;
    }

    private synchronized List<CompletableFuture<Void>> unfinished() {
        return List.copyOf(running);
    }

    @Override
    public boolean granted(Permit permit) {
        long offset;
        int length;
        synchronized (this) {
            if (result.isDone()) {
                permit.release(Outcome.OTHER);
                return false;
            }
            offset = at;
            length = PartBorders.cut(partBytes, offset, lane.gate().pieceBytes((int) (end - offset)));
            at += length;
            underWay++;
        }
        begin(permit, offset, length);
        return offset + length < end && !result.isDone();
    }

    private void begin(Permit permit, long offset, int length) {
        CompletableFuture<Void> piece;
        try {
            piece = start.start(permit, offset, length);
        } catch (RuntimeException | Error e) {
            // An error as well: Netty throws one for want of direct memory, and the range would never end.
            piece = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Void> begun = piece;
        synchronized (this) {
            running.add(begun);
        }
        begun.whenComplete((nothing, failure) -> {
            permit.release(Outcome.OTHER);
            ended(begun, failure);
        });
        if (result.isCompletedExceptionally()) {
            begun.cancel(false);
        }
    }

    private void ended(CompletableFuture<Void> piece, Throwable failure) {
        boolean last;
        synchronized (this) {
            running.remove(piece);
            underWay--;
            last = underWay == 0 && at == end;
        }
        if (failure != null) {
            result.completeExceptionally(HearthException.of(failure));
        } else if (last) {
            result.complete(null);
        }
    }

    @Override
    public synchronized long leftBytes() {
        return end - at;
    }

    @Override
    public void refused(HearthException why) {
        result.completeExceptionally(why);
    }
}
