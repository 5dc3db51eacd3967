package io.hearth.worker.lend;

/**
 * What one signal says of the node's wish.
 *
 * @param wantedBytes how many bytes would help; 0 if the signal does not tell
 * @param reason the figure, for people: {@code memory stalled 14 % of the last second}
 */
public record Demand(Want want, long wantedBytes, String reason) {
    /** From ease to need. */
    public enum Want {
        /** Enough for long: the worker may grow. */
        CALM,
        /** Between the two thresholds: nothing changes. */
        UNEASY,
        /** The node wants bytes back now. */
        WANTED
    }

    static final Demand NONE = new Demand(Want.CALM, 0, "");

    /** The one that wants more; of two that want, the one that names more bytes. */
    Demand or(Demand other) {
        int order = want.compareTo(other.want);
        return order > 0 || order == 0 && wantedBytes >= other.wantedBytes ? this : other;
    }
}
