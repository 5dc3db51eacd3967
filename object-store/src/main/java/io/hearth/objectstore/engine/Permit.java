package io.hearth.objectstore.engine;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** One request's place among those under way at an origin. Given back by whoever uses it up; thread-safe. */
public final class Permit {
    private final OriginGate gate;
    private final OriginLane lane;
    private final AtomicBoolean released = new AtomicBoolean();
    private volatile Optional<Running> running = Optional.empty();

    Permit(OriginGate gate, OriginLane lane) {
        this.gate = gate;
        this.lane = lane;
    }

    /** How a request ended, as far as it speaks of the origin. */
    enum Outcome {
        /** The origin gave what was asked for. */
        GIVEN,
        /** It asked to slow down. */
        REFUSED,
        /** It failed or was silent. */
        FAILED,
        /** It answered that these bytes are not to be had, or nobody wanted them any more. */
        OTHER
    }

    /** A request that may be given up for a better one. */
    interface Running {
        Progress progress();

        /** Ends it, to be resumed after its last byte; called once at most. */
        void abandon();
    }

    OriginLane lane() {
        return lane;
    }

    Optional<Running> running() {
        return running;
    }

    void runs(Running request) {
        running = Optional.of(request);
    }

    /** The first time only. */
    void release(Outcome outcome) {
        if (released.compareAndSet(false, true)) {
            gate.released(this, outcome);
        }
    }
}
