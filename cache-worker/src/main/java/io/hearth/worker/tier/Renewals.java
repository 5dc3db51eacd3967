package io.hearth.worker.tier;

import io.hearth.protocol.HearthException;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/** Drops files whose bytes are wrong, and makes the good part of them anew. Thread-safe; every method blocks. */
final class Renewals {
    private final TierIndex index;
    private final Newcomers newcomers;

    Renewals(TierIndex index, Newcomers newcomers) {
        this.index = index;
        this.newcomers = newcomers;
    }

    /** As {@link TierStore#renew}. */
    void renew(ObjectFile file) {
        Optional<ObjectFile> made;
        synchronized (index) {
            if (!file.condemned() || !index.knows(file)) {
                return;
            }
            index.retire(file);
            made = newcomers.create(file.tier(), file.object(), file.id(), file.namespace(), Newcomers.Reserve.FIRST);
        }
        file.tier().renewed(file);
        made.ifPresent(fresh -> {
            file.retain();
            file.tier().environment().closer().execute(() -> copy(file, fresh));
        });
    }

    private void copy(ObjectFile from, ObjectFile to) {
        try {
            Renewal.copy(from, to, block -> cover(to, block));
        } catch (HearthException e) {
            from.tier().warn("a file with a bad chunk was made anew in part", e);
        } finally {
            to.release();
            from.release();
        }
        dropIfUnused(to);
    }

    private boolean cover(ObjectFile file, int block) {
        synchronized (index) {
            return newcomers.cover(file, RoaringBitmap.bitmapOf(block));
        }
    }

    /** As {@link TierStore#quarantine}. */
    void quarantine(ObjectFile file) {
        synchronized (index) {
            file.disown();
            index.retire(file);
        }
    }

    /** As {@link TierStore#dropIfEmpty}. */
    void dropIfEmpty(ObjectFile file) {
        synchronized (index) {
            if (file.residentBytes() == 0) {
                index.retire(file);
            }
        }
    }

    /** As {@link TierStore#dropIfUnused}. */
    void dropIfUnused(ObjectFile file) {
        synchronized (index) {
            if (file.residentBytes() == 0 && !file.pinned()) {
                index.retire(file);
            }
        }
    }
}
