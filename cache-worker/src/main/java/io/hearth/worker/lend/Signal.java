package io.hearth.worker.lend;

/** Something that tells whether the node wants its memory back. One thread's. */
public interface Signal {
    /** For people: {@code node memory pressure}. */
    String name();

    /**
     * Looks once; quick: a file of {@code /proc}. What cannot be read wants nothing.
     *
     * @param nowMs of a clock that is never set back
     */
    Demand look(long nowMs);
}
