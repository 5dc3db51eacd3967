package io.hearth.objectstore.engine;

/** How urgent a range is, which may rise while it waits: a reader comes to bytes that were read ahead. Thread-safe. */
public final class Claim {
    private volatile Urgency urgency;

    public Claim(Urgency urgency) {
        this.urgency = urgency;
    }

    public Urgency urgency() {
        return urgency;
    }

    /** Never lowers it. */
    public synchronized void raise(Urgency to) {
        if (to.compareTo(urgency) < 0) {
            urgency = to;
        }
    }
}
