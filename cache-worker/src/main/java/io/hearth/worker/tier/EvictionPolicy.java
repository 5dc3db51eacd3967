package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import java.util.Optional;
import java.util.function.Predicate;

/** Chooses who leaves a tier. One instance per tier. Thread-safe; every method is quick. */
public interface EvictionPolicy {
    /** The object came into the tier with a charge of {@code bytes}. */
    void added(ObjectId object, long bytes);

    /** The object was read; ignored if it is not in the tier. */
    void used(ObjectId object);

    /** The object left. */
    void removed(ObjectId object);

    /** Who should leave next among those that may; it stays until {@link #removed}. */
    Optional<ObjectId> victim(Predicate<ObjectId> evictable);
}
