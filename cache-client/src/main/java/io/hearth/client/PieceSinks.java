package io.hearth.client;

import io.hearth.objectstore.RangeSink;

/** Sinks for the pieces of a range that may come side by side. Called by one thread at a time, in order. */
@FunctionalInterface
public interface PieceSinks {
    /** The sink for these bytes, the next of the range; at least one, and whole MiB except for the range's end. */
    RangeSink open(long offset, int length);
}
