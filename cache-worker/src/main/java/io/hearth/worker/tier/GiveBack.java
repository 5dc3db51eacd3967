package io.hearth.worker.tier;

import io.hearth.protocol.HearthException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * Gives a tier's bytes back to the node, and takes them again. Who leaves first: objects that nobody holds or leases,
 * in the order of eviction; then leased ones, the largest first; at last held ones, which are unlinked now and freed
 * when their holders let go. Files are unlinked side by side, outside the store's lock; nothing is copied and no reader
 * fails.
 *
 * <p>Thread-safe; one call at a time, others wait.
 */
public final class GiveBack {
    /** Of one look under the store's lock: others have their turn between two looks. */
    private static final int BATCH_FILES = 256;

    private final TierStore store;
    private final Executor threads;

    /** @param threads free the files, at most a few at once; must not refuse */
    public GiveBack(TierStore store, Executor threads) {
        this.store = store;
        this.threads = threads;
    }

    /**
     * What came of one call.
     *
     * @param freedBytes resident bytes of files that nobody held, and blocks of one that stays: free now
     * @param laterBytes resident bytes of files that somebody held: free when they let go
     * @param files that left the tier
     * @param leasedFiles how many of the files were leased: a load or a gate counted on them
     */
    public record Given(long freedBytes, long laterBytes, int files, int leasedFiles) {}

    /**
     * Lowers what the tier may use to what it takes now less {@code wantedBytes}, and frees what is above. What it
     * takes is counted in bytes that are there, what it may use in whole objects: so it does not grow again where
     * objects have holes. Blocks: 5 to 33 ms for 2 GiB of huge pages, 300 ms and more for 2 GiB of small ones (decision
     * 11).
     */
    public synchronized Given give(Tier tier, long wantedBytes) {
        long leftBytes = Math.max(0, store.index().presentBytes(tier) - wantedBytes);
        tier.allow(Math.min(tier.quotaBytes(), leftBytes));
        return shrink(tier);
    }

    /** Lets the tier use more again, at most its quota. */
    public synchronized void grow(Tier tier, long moreBytes) {
        tier.allow(Math.min(tier.spec().quotaBytes(), tier.quotaBytes() + moreBytes));
    }

    private Given shrink(Tier tier) {
        Freeing freeing = new Freeing();
        tier.givingBack(true);
        try {
            long zombieBytes = tier.zombieBytes();
            long overBytes = store.index().liveBytes(tier) + zombieBytes - tier.quotaBytes();
            overBytes = unleased(tier, overBytes, freeing);
            overBytes = idle(tier, overBytes, freeing);
            // Zombies of before go when their holders let go: no live file is unlinked in their stead.
            held(tier, overBytes - zombieBytes, freeing);
        } finally {
            freeing.await();
            tier.givingBack(false);
        }
        return new Given(freeing.bytes, freeing.laterBytes, freeing.files, freeing.leased);
    }

    private long unleased(Tier tier, long overBytes, Freeing freeing) {
        long leftBytes = overBytes;
        TierIndex.Leaving batch;
        do {
            batch = store.index().takeOut(tier, leftBytes, BATCH_FILES);
            batch.files().forEach(freeing::free);
            freeing.freed(batch.partBytes());
            leftBytes -= batch.partBytes()
                    + batch.files().stream().mapToLong(ObjectFile::chargeBytes).sum();
        } while (batch.files().size() == BATCH_FILES);
        return leftBytes;
    }

    private long idle(Tier tier, long overBytes, Freeing freeing) {
        return largestFirst(tier, overBytes, freeing, file -> !file.held());
    }

    private void held(Tier tier, long overBytes, Freeing freeing) {
        largestFirst(tier, overBytes, freeing, file -> true);
    }

    private long largestFirst(Tier tier, long overBytes, Freeing freeing, Predicate<ObjectFile> which) {
        if (overBytes <= 0) {
            return overBytes;
        }
        long leftBytes = overBytes;
        List<ObjectFile> files = store.index()
                .files(tier)
                .filter(which)
                .sorted(Comparator.comparingLong(ObjectFile::chargeBytes).reversed())
                .toList();
        for (ObjectFile file : files) {
            // One that somebody has begun to read since is left to the last pass.
            if (leftBytes > 0 && which.test(file) && store.index().forget(file)) {
                leftBytes -= file.chargeBytes();
                freeing.free(file);
            }
        }
        return leftBytes;
    }

    /** The files on their way out. One thread's, but for the futures. */
    private final class Freeing {
        private final List<CompletableFuture<Void>> running = new ArrayList<>();
        private long bytes;
        private long laterBytes;
        private int files;
        private int leased;

        void free(ObjectFile file) {
            boolean held = file.held();
            bytes += held ? 0 : file.residentBytes();
            laterBytes += held ? file.residentBytes() : 0;
            leased += file.leased() ? 1 : 0;
            files++;
            running.add(CompletableFuture.runAsync(() -> store.index().free(file), threads));
        }

        /** A part of a file that stays is free already. */
        void freed(long partBytes) {
            bytes += partBytes;
        }

        void await() {
            try {
                CompletableFuture.allOf(running.toArray(CompletableFuture[]::new))
                        .join();
            } catch (CompletionException e) {
                throw HearthException.of(e);
            }
        }
    }
}
