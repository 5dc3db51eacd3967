package io.hearth.worker.tier;

import java.util.List;
import java.util.concurrent.Executor;

/** Takes what stands on a tier's disk into the index: at start, and when a disk works again. */
final class TierRestore {
    private final TierIndex index;
    private final TierEvents events;

    TierRestore(TierIndex index, TierEvents events) {
        this.index = index;
        this.events = events;
    }

    /** At start. Blocks: 200,000 objects take seconds. */
    void start(Tier tier, Executor threads) {
        restore(tier, new TierScan(tier).run(threads));
    }

    /** Reads what is on a disk that works again, as at start. Blocks. */
    void bringBack(Tier tier) {
        List<ObjectFile> files = new TierScan(tier).run(Runnable::run);
        // Nobody makes a file here before that is said.
        restore(tier, files);
        tier.health().back();
        files.forEach(file -> events.residencyChanged(file.id()));
    }

    private void restore(Tier tier, List<ObjectFile> files) {
        synchronized (index) {
            for (ObjectFile file : files) {
                restore(tier, file);
            }
            // The quota is smaller than in the life before: nobody waits for 100,000 unlinks.
            tier.surplus(tier.overQuota(0));
        }
    }

    /**
     * Of two copies, as a crash in the middle of a move leaves, the one stays that has all chunks of the other; else,
     * for the first may have lost one since the other got it, the one that was copied from; of two that differ though
     * they have as many moves, as a disk that failed for a while leaves, the one that was found first. One that was read
     * in this life stays.
     */
    private void restore(Tier tier, ObjectFile file) {
        file.begin();
        ObjectFile known = index.find(file.id()).orElse(file);
        if (known != file && (inUse(known) || !comesBefore(file, known))) {
            file.retire();
            return;
        }
        if (known != file) {
            index.retire(known);
        }
        index.enter(file);
    }

    private static boolean comesBefore(ObjectFile file, ObjectFile known) {
        if (file.chunks().contains(known.chunks())) {
            return true;
        }
        return !known.chunks().contains(file.chunks()) && file.moves() < known.moves();
    }

    private static boolean inUse(ObjectFile file) {
        return file.pinned() || !file.readyChunks().isEmpty();
    }
}
