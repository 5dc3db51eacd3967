package io.hearth.worker.tier;

import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.util.List;
import java.util.Optional;

/** Makes files of objects that no tier has, and room for them. Every method blocks, under the monitor of the index. */
final class Newcomers {
    private final List<Tier> tiers;
    private final TierIndex index;

    Newcomers(List<Tier> tiers, TierIndex index) {
        this.tiers = tiers;
        this.index = index;
    }

    /** A file, held once, in the first tier that takes it. */
    Optional<ObjectFile> create(ObjectRef object, ObjectId id, String namespace) {
        return tiers.stream()
                .flatMap(tier -> create(tier, object, id, namespace).stream())
                .findFirst();
    }

    /** A file, held once, in that tier, if it takes it. */
    Optional<ObjectFile> create(Tier tier, ObjectRef object, ObjectId id, String namespace) {
        long charge = Tier.chargeBytes(object.sizeBytes());
        tier.lookAtSpace();
        if (!tier.takes(id, charge) || !makeRoom(tier, charge)) {
            return Optional.empty();
        }
        try {
            ObjectFile file = ObjectFiles.create(tier, object, id, namespace);
            tier.charged(charge);
            index.enter(file);
            tier.cameIn(id);
            return Optional.of(file);
        } catch (HearthException e) {
            tier.pause(e);
            return Optional.empty();
        }
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
            index.retire(victim.get());
        }
        return true;
    }
}
