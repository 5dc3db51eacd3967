package io.hearth.objectstore.engine;

/** Who waits for bytes of the origin, the most urgent first. */
public enum Urgency {
    /** A reader, now. */
    DEMAND,
    /** A load. */
    LOAD,
    /** Nobody yet. */
    SPECULATION
}
