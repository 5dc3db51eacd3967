package io.hearth.objectstore.engine;

/**
 * A range's way to its origin: whose it is, and its turn among equals, which its retries keep. Made by
 * {@link RangeFetch#lane}. Thread-safe.
 */
public final class OriginLane {
    private final OriginGate gate;
    private final String dataset;
    private final String file;
    private final Claim claim;
    private final long turn;

    OriginLane(OriginGate gate, String dataset, String file, Claim claim, long turn) {
        this.gate = gate;
        this.dataset = dataset;
        this.file = file;
        this.claim = claim;
        this.turn = turn;
    }

    OriginGate gate() {
        return gate;
    }

    String dataset() {
        return dataset;
    }

    String file() {
        return file;
    }

    Claim claim() {
        return claim;
    }

    /** More urgent first, then who came first. */
    boolean before(OriginLane other) {
        int urgency = claim.urgency().compareTo(other.claim.urgency());
        return urgency < 0 || urgency == 0 && turn < other.turn;
    }
}
