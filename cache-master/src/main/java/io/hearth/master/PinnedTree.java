package io.hearth.master;

import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;

/** A generation that is not collected before this is closed. Thread-safe. */
public interface PinnedTree extends AutoCloseable {
    /** Tells its dataset from an earlier one of the same name. */
    String datasetUid();

    Generation generation();

    /**
     * One of the generation's segments, read anew each time. Blocks.
     *
     * @param number index into {@link Generation#segments()}
     */
    Segment segment(int number);

    /** Ends the pin; idempotent. */
    @Override
    void close();
}
