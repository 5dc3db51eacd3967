package io.hearth.objectstore.engine;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Reads ranges in spite of a store that fails now and then, as many at once as the store likes best. Thread-safe; one
 * instance serves a process.
 *
 * <p>A range that broke goes on after the last byte that the sink took, after a wait drawn from [0, min(max, base 2^n))
 * ("full jitter": Brooker, Exponential Backoff and Jitter, AWS 2015). An attempt that brings no byte for the stall
 * timeout is given up; the time that the sink takes does not count. Failures whose action is
 * {@link FailureKind.Action#STOP} are final, and so are the sink's own. A first byte that is late is asked for a second
 * time (Dean and Barroso, The Tail at Scale, 2013); a request far slower than its peers is resumed on another
 * connection.
 */
public final class RangeFetch {
    private final RangeTools tools;
    private final OriginGates gates;

    /**
     * @param random for the waits; used by one thread at a time
     * @param timer for waits and stalls; what it runs does not block
     */
    public RangeFetch(
            OriginSettings settings, OriginMetrics metrics, RandomGenerator random, ScheduledExecutorService timer) {
        this(settings, metrics, random, timer, System::nanoTime);
    }

    /** @param nanos a clock of nanoseconds that never goes back */
    public RangeFetch(
            OriginSettings settings,
            OriginMetrics metrics,
            RandomGenerator random,
            ScheduledExecutorService timer,
            LongSupplier nanos) {
        this.tools = new RangeTools(settings, metrics, random, timer, nanos);
        this.gates = new OriginGates(
                settings.gatesMax(), name -> new OriginGate(name, settings, metrics, random, timer, nanos));
    }

    /**
     * The way of some bytes of one file to their origin; its turn comes after those of lanes made before it.
     *
     * @param dataset on whose account
     * @param file tells files of this origin apart
     */
    public OriginLane lane(OriginSpec origin, String dataset, String file, Claim claim) {
        return gates.of(origin).lane(dataset, file, claim);
    }

    /** The same as below, for a reader, of an origin that is not named. */
    public CompletableFuture<Void> fetch(ObjectStore store, RangeRequest request, RangeSink sink) {
        return fetch(gates.shared().lane("", request.key(), new Claim(Urgency.DEMAND)), store, request, sink);
    }

    /**
     * Gives the sink every byte of the range once, in order, when its turn has come.
     *
     * @return done when the sink has taken the last byte; fails with a {@link io.hearth.protocol.HearthException} once
     *     the attempts are spent or the failure is final, and then the sink holds no buffer; cancelling it gives the
     *     range up
     */
    public CompletableFuture<Void> fetch(OriginLane lane, ObjectStore store, RangeRequest request, RangeSink sink) {
        return new RangeRead(tools, lane, store, request, sink).start(Optional.empty());
    }

    /** The same, with the turn that {@link #inPieces} gave. */
    public CompletableFuture<Void> fetch(
            OriginLane lane, Permit turn, ObjectStore store, RangeRequest request, RangeSink sink) {
        return new RangeRead(tools, lane, store, request, sink).start(Optional.of(turn));
    }

    /**
     * Reads bytes in pieces, several at once where the origin's connections are slow.
     *
     * @param length at least 1; offset and length within the object
     * @param start called once for each piece, in order; the pieces make up the range
     * @return done when all pieces are; fails with the first that fails, which ends the others; cancelling it gives all
     *     up
     */
    public CompletableFuture<Void> inPieces(
            OriginLane lane, Validator validator, long objectBytes, long offset, int length, PieceStart start) {
        return new Pieces(lane, PartBorders.partBytes(validator, objectBytes), offset, length, start).fetch();
    }
}
