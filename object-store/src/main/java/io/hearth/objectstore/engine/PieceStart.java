package io.hearth.objectstore.engine;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.RangeSink;
import java.util.concurrent.CompletableFuture;

/** Begins to read a piece of a range. */
@FunctionalInterface
public interface PieceStart {
    /**
     * @param turn for {@link RangeFetch#fetch(OriginLane, Permit, ObjectStore, ObjectStore.RangeRequest, RangeSink)}
     * @param length at least 1; a whole number of MiB but for the last piece
     * @return done when the piece's sink has all its bytes; cancelling it gives them up
     */
    CompletableFuture<Void> start(Permit turn, long offset, int length);
}
