package io.hearth.worker.tier;

import io.hearth.protocol.HearthException;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/**
 * Begins and ends the moves of objects between tiers; {@link Move} is one under way. Thread-safe; every method blocks.
 */
final class Moves {
    private final TierStore store;
    private final TierIndex index;
    private final Newcomers newcomers;
    private final TierEvents events;

    Moves(TierStore store, TierIndex index, Newcomers newcomers, TierEvents events) {
        this.store = store;
        this.index = index;
        this.newcomers = newcomers;
        this.events = events;
    }

    boolean knows(ObjectFile file) {
        return index.knows(file);
    }

    /**
     * An empty file for a copy of an object that nobody holds or leases; both are held once for the caller. Nobody
     * finds the copy before {@link #replace}.
     *
     * @return empty if the object is in use or gone, or does not fit the other tier now
     */
    Optional<ObjectFile> begin(ObjectFile from, Tier to) {
        synchronized (index) {
            boolean fits = to.takesByWatermark(from.id(), from.chargeBytes());
            return fits && index.knows(from) && !from.pinned() && opened(from) ? copyOf(from, to) : Optional.empty();
        }
    }

    private boolean opened(ObjectFile file) {
        try {
            return store.hold(file);
        } catch (HearthException e) {
            file.tier().warn("an object that was to move cannot be opened", e);
            return false;
        }
    }

    private static Optional<ObjectFile> copyOf(ObjectFile from, Tier to) {
        try {
            ObjectFile copy = ObjectFiles.create(
                    to, from.object(), from.id(), from.namespace(), from.covered(), from.moves() + 1);
            to.arriving(copy.id(), true);
            return Optional.of(copy);
        } catch (HearthException e) {
            to.pause(e);
            from.release();
            return Optional.empty();
        }
    }

    /** Makes sure that the copy's tier has room for the block; it may have come after the move began. */
    boolean cover(ObjectFile copy, int block) {
        synchronized (index) {
            return newcomers.coverCopy(copy, RoaringBitmap.bitmapOf(block));
        }
    }

    /** Lets the copy take the file's place and releases both, if no other user and no newer chunk is in the way. */
    boolean replace(ObjectFile from, ObjectFile copy) {
        synchronized (index) {
            if (!index.knows(from) || !from.closeToNewcomers(copy.chunks())) {
                return false;
            }
            from.tier().policy().removed(from.id());
            from.tier().forget(from);
            index.enter(copy);
            copy.tier().arriving(copy.id(), false);
            from.retire();
        }
        from.release();
        copy.release();
        events.residencyChanged(copy.id());
        return true;
    }

    /** Drops the copy and releases the file. */
    void abandon(ObjectFile from, ObjectFile copy) {
        copy.retire();
        copy.release();
        copy.tier().arriving(copy.id(), false);
        from.release();
    }
}
