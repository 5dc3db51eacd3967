package io.hearth.worker.tier;

import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/** Makes files of objects that no tier has, and room for them. Every method blocks, under the monitor of the index. */
final class Newcomers {
    private final List<Tier> tiers;
    private final TierIndex index;

    Newcomers(List<Tier> tiers, TierIndex index) {
        this.tiers = tiers;
        this.index = index;
    }

    /** How much of a newcomer there has to be room for at once. */
    enum Reserve {
        /** All of it. */
        WHOLE,
        /** One block's object; of a larger one nothing yet: its blocks are covered one by one. */
        FIRST
    }

    /** A file, held once, in the first tier that takes it. */
    Optional<ObjectFile> create(ObjectRef object, ObjectId id, String namespace, Reserve reserve) {
        return tiers.stream()
                .flatMap(tier -> create(tier, object, id, namespace, reserve).stream())
                .findFirst();
    }

    /** A file, held once, in that tier, if it takes it: room for all of it must be possible, whatever is made now. */
    Optional<ObjectFile> create(Tier tier, ObjectRef object, ObjectId id, String namespace, Reserve reserve) {
        long wholeCharge = Tier.chargeBytes(object.sizeBytes());
        ChunkLayout layout =
                new ChunkLayout(object.sizeBytes(), tier.environment().chunkBytes());
        boolean all = reserve == Reserve.WHOLE || layout.blocks() <= 1;
        long charge = all ? wholeCharge : Tier.chargeBytes(object.sizeBytes(), 0);
        tier.lookAtSpace();
        if (!tier.takes(id, wholeCharge) || !tier.roomPossible(wholeCharge) || !makeRoom(tier, charge)) {
            return Optional.empty();
        }
        try {
            RoaringBitmap blocks = all ? layout.allBlocks() : new RoaringBitmap();
            ObjectFile file = ObjectFiles.create(tier, object, id, namespace, blocks, 0);
            index.enter(file);
            tier.cameIn(id);
            return Optional.of(file);
        } catch (HearthException e) {
            tier.pause(e);
            return Optional.empty();
        }
    }

    /**
     * Makes room for these blocks of a file, and covers them. The file is held or leased: it would make way for itself.
     *
     * @return false if there is none, or the file has left
     */
    boolean cover(ObjectFile file, RoaringBitmap blocks) {
        Tier tier = file.tier();
        long moreBytes = file.missingBytes(blocks);
        if (moreBytes > 0) {
            tier.lookAtSpace();
        }
        boolean room = moreBytes == 0
                || index.knows(file) && tier.grows(file.chargeBytes() + moreBytes) && makeRoom(tier, moreBytes);
        if (room) {
            file.cover(blocks);
        }
        if (room && moreBytes > 0) {
            tier.cameIn(file.id());
        }
        return room;
    }

    /** The same for a copy that nobody finds yet: nobody makes way for it. */
    boolean coverCopy(ObjectFile copy, RoaringBitmap blocks) {
        long moreBytes = copy.missingBytes(blocks);
        boolean room = moreBytes == 0
                || copy.tier().grows(copy.chargeBytes() + moreBytes)
                        && !copy.tier().overQuota(moreBytes);
        if (room) {
            copy.cover(blocks);
        }
        return room;
    }

    private boolean makeRoom(Tier tier, long charge) {
        if (!tier.roomPossible(charge)) {
            return false;
        }
        while (tier.overQuota(charge)) {
            Optional<ObjectFile> victim = index.victim(tier);
            if (victim.isEmpty()) {
                return false;
            }
            index.give(victim.get(), tier.usedBytes() + charge - tier.quotaBytes());
        }
        return true;
    }
}
