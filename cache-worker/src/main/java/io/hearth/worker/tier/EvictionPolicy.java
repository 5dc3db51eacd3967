package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.util.Optional;
import java.util.function.Predicate;

/** Chooses who leaves a tier. One instance per tier. Thread-safe; every method is quick. */
public interface EvictionPolicy {
    /** The position of a use that wants the whole object: a load's. */
    long WHOLE = -1;

    /**
     * The object came into the tier.
     *
     * @param id the object's id, computed already
     * @param chargeBytes what it takes of the tier's quota
     */
    void added(ObjectRef object, ObjectId id, long chargeBytes);

    /** The object takes another part of the quota than before; ignored if it is not in the tier. */
    void resized(ObjectId id, long chargeBytes);

    /**
     * The object was read; ignored if it is not in the tier. Called for each request: one reader of a large object
     * makes thousands of them.
     *
     * @param position of the first byte that the request asked for, or {@link #WHOLE}
     */
    void used(ObjectId id, long position);

    /** Whether the object is in the tier and was read more than once, or came back soon after it had left. */
    boolean usedAgain(ObjectId id);

    /** The object left, or was dropped. */
    void removed(ObjectId id);

    /**
     * Nobody holds or leases the object any more, so it may leave again. Called after that is so, and without a lock
     * that the predicate of {@link #victim} takes.
     */
    void released(ObjectId id);

    /** Who should leave next among those that may; it stays until {@link #removed}. */
    Optional<ObjectId> victim(Predicate<ObjectId> evictable);
}
