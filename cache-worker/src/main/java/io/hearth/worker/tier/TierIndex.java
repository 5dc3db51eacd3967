package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Which file an object has, over all tiers, and who leaves next. Whoever changes it, or counts on nobody doing so,
 * holds its monitor, which is the store's lock; look-ups take none. Thread-safe.
 */
final class TierIndex {
    private final TierEvents events;
    private final ConcurrentHashMap<ObjectId, ObjectFile> files = new ConcurrentHashMap<>();

    TierIndex(TierEvents events) {
        this.events = events;
    }

    Optional<ObjectFile> find(ObjectId id) {
        return Optional.ofNullable(files.get(id));
    }

    /** Whether it names this file. */
    boolean knows(ObjectFile file) {
        return files.get(file.id()) == file;
    }

    int size() {
        return files.size();
    }

    /** The files as they stand; weakly consistent. */
    Collection<ObjectFile> files() {
        return List.copyOf(files.values());
    }

    Stream<ObjectFile> files(Tier tier) {
        return files.values().stream().filter(file -> file.tier() == tier);
    }

    /** Under the monitor: objects by id. */
    Map<ObjectId, ObjectFile> byId() {
        return files;
    }

    synchronized void enter(ObjectFile file) {
        files.put(file.id(), file);
        file.tier().policy().added(file.object(), file.id(), file.chargeBytes());
    }

    /** Takes the file out, if it is in; who does so frees it. */
    synchronized boolean forget(ObjectFile file) {
        if (!files.remove(file.id(), file)) {
            return false;
        }
        file.tier().policy().removed(file.id());
        file.tier().forget(file);
        return true;
    }

    /** Frees a file that was forgotten; its paths are not used again before. Blocks. */
    void free(ObjectFile file) {
        long residentBytes = file.residentBytes();
        file.retire();
        events.evicted(residentBytes);
        events.residencyChanged(file.id());
    }

    /** Takes the file out and frees it in one step. Blocks. */
    synchronized void retire(ObjectFile file) {
        if (forget(file)) {
            free(file);
        }
    }

    /** Who should leave the tier next. */
    synchronized Optional<ObjectFile> victim(Tier tier) {
        return tier.policy().victim(id -> !files.get(id).pinned()).map(files::get);
    }

    /**
     * Frees blocks of a file, or all of it where a part cannot go alone or would leave nothing. Blocks.
     *
     * @param wantedBytes of charge, above 0
     */
    synchronized void give(ObjectFile file, long wantedBytes) {
        boolean inPart = file.layout().blocks() > 1 && wantedBytes < file.chargeBytes();
        if (!inPart || file.shrink(wantedBytes) == 0 || file.residentBytes() == 0) {
            retire(file);
        }
    }

    /**
     * As {@link #give}, unless somebody holds or leases the file, or it has left already; gives whether it did. Blocks.
     */
    synchronized boolean giveUnlessPinned(ObjectFile file, long wantedBytes) {
        boolean free = knows(file) && !file.pinned();
        if (free) {
            give(file, wantedBytes);
        }
        return free;
    }

    /**
     * Takes files out that nobody holds or leases, in the policy's order; the caller frees them. Of the last one just a
     * part goes, where that is enough: its blocks are freed here; else blocks for no file's I/O.
     *
     * @param overBytes of charge to get rid of
     * @param filesMax at most so many, so that others get the lock in between
     */
    synchronized Leaving takeOut(Tier tier, long overBytes, int filesMax) {
        List<ObjectFile> taken = new ArrayList<>();
        long leftBytes = overBytes;
        while (leftBytes > 0 && taken.size() < filesMax) {
            long wantedBytes = leftBytes;
            Optional<ObjectFile> victim = victim(tier);
            long partBytes = victim.map(file -> giveInPart(file, wantedBytes)).orElse(0L);
            if (partBytes > 0) {
                return new Leaving(taken, partBytes);
            }
            if (victim.isEmpty() || !forget(victim.get())) {
                break;
            }
            leftBytes -= victim.get().chargeBytes();
            taken.add(victim.get());
        }
        return new Leaving(taken, 0);
    }

    /**
     * What leaves a tier.
     *
     * @param files that the caller frees
     * @param partBytes of charge that one more file gave, which stays
     */
    record Leaving(List<ObjectFile> files, long partBytes) {}

    /** @return 0 if it cannot give that much and keep something */
    private static long giveInPart(ObjectFile file, long wantedBytes) {
        if (file.layout().blocks() <= 1 || wantedBytes >= file.chargeBytes()) {
            return 0;
        }
        long givenBytes = file.shrink(wantedBytes);
        return givenBytes >= wantedBytes && file.residentBytes() > 0 ? givenBytes : 0;
    }

    /** Takes every object of a failed disk out and leaves its files alone. */
    synchronized void withdraw(Tier tier) {
        files(tier).toList().forEach(file -> {
            forget(file);
            file.abandon();
            events.residencyChanged(file.id());
        });
    }

    /** Charged bytes of a tier's objects, once who makes one now is done. */
    synchronized long liveBytes(Tier tier) {
        return tier.liveBytes();
    }

    /** What a tier's files take in truth: their charge less their holes, and files that somebody still reads. */
    long presentBytes(Tier tier) {
        return tier.zombieBytes()
                + files(tier).mapToLong(TierIndex::presentBytes).sum();
    }

    /** Chunks that are there, and what the log takes beside them. */
    private static long presentBytes(ObjectFile file) {
        return Math.min(file.chargeBytes(), Tier.chargeBytes(file.layout().sizeBytes(), file.residentBytes()));
    }
}
