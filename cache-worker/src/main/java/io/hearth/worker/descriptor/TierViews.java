package io.hearth.worker.descriptor;

import io.hearth.protocol.HearthException;
import io.hearth.worker.tier.ObjectFile;

/** Opens tiers' files in a way that nobody can come to write by, whatever is made of the descriptor. Thread-safe. */
interface TierViews extends AutoCloseable {
    /**
     * The file, once more.
     *
     * @param file held by the caller
     * @throws HearthException if it has left its tier, or cannot be opened
     */
    ReadOnlyDescriptor open(ObjectFile file);

    /** Opens nothing more; what was opened stays. */
    @Override
    default void close() {}
}
