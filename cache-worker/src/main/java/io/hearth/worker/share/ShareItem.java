package io.hearth.worker.share;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.tier.Lease;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.Room;
import io.hearth.worker.tier.TierStore;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/** One object of a share: what is wanted of it, its leased file, and what went wrong. Thread-safe. */
final class ShareItem {
    private final ShareOrder.Wanted wanted;
    private final ObjectId id;
    private final long wantedBytes;
    private volatile Optional<Lease> lease = Optional.empty();
    private volatile RoaringBitmap missingAtFirst = new RoaringBitmap();
    private volatile Optional<HearthException> failure = Optional.empty();

    ShareItem(ShareOrder.Wanted wanted) {
        this.wanted = wanted;
        this.id = wanted.object().id();
        this.wantedBytes = bytes(wanted.object(), wanted.chunks());
    }

    ObjectRef object() {
        return wanted.object();
    }

    ObjectId id() {
        return id;
    }

    /** Not modified by anybody. */
    RoaringBitmap wantedChunks() {
        return wanted.chunks();
    }

    /** Whether there are bytes to hold: an empty object has none and is never asked for any. */
    boolean needsFile() {
        return !wanted.chunks().isEmpty();
    }

    Room.Wanted room() {
        return new Room.Wanted(id, object().sizeBytes());
    }

    /** Takes the lease, and notes what is missing now. */
    void leased(Lease taken) {
        missingAtFirst = RoaringBitmap.andNot(wanted.chunks(), taken.file().chunks());
        missingAtFirst.runOptimize();
        lease = Optional.of(taken);
    }

    Optional<Lease> lease() {
        return lease;
    }

    /** The leased file, while the store's index names it. */
    Optional<ObjectFile> file(TierStore store) {
        return lease.map(Lease::file).filter(file -> current(file, store));
    }

    private boolean current(ObjectFile file, TierStore store) {
        return store.find(id).filter(file::equals).isPresent();
    }

    /** Keeps the first reason: those that follow are its consequences. */
    synchronized void failed(HearthException why) {
        failure = failure.or(() -> Optional.of(why));
    }

    Optional<HearthException> failure() {
        return failure;
    }

    /** Ends the lease; a file that got no byte leaves the store. Blocks. */
    void end(ShareTools tools) {
        Optional<Lease> ending = lease;
        lease = Optional.empty();
        ending.ifPresent(held -> {
            held.close();
            tools.dropUnused(held.file());
        });
    }

    /** Bytes that the share wants. */
    long wantedBytes() {
        return wantedBytes;
    }

    /** How the item stands in the index now. */
    Standing standing(TierStore store) {
        if (!needsFile()) {
            return new Standing(true, true, new Lease.Standing(0, 0, 0));
        }
        Lease.Standing now = lease.filter(held -> current(held.file(), store))
                .map(held -> held.standing(wanted.chunks(), missingAtFirst))
                .orElse(new Lease.Standing(0, 0, 0));
        return new Standing(now.readyBytes() == wantedBytes, now.readBackBytes() == wantedBytes, now);
    }

    /** @param bytes of the wanted chunks; the newcomers are those that were missing when the share began */
    record Standing(boolean resident, boolean verified, Lease.Standing bytes) {}

    private static long bytes(ObjectRef object, RoaringBitmap chunks) {
        int last = Geometry.chunks(object.sizeBytes()) - 1;
        long whole = chunks.getLongCardinality() * Geometry.CHUNK_BYTES;
        return !chunks.isEmpty() && chunks.contains(last)
                ? whole - Geometry.CHUNK_BYTES + Geometry.chunkLength(last, object.sizeBytes())
                : whole;
    }
}
