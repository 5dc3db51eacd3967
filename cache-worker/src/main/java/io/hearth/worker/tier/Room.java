package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether objects that are to be leased together have room, as it stood at one moment. Bytes are what objects take of a
 * quota: whole pages.
 *
 * @param wantedBytes of the objects that nobody holds or leases yet
 * @param lentBytes the quotas of all tiers, as far as the node allows them now
 * @param heldBytes of these, what cannot be had: objects held or leased, and evicted ones that are still read
 * @param largestTierBytes the largest quota
 * @param paused whether a tier takes no new bytes now: its disk was full, or the worker drains
 * @param misfit the first object without a place; empty if all fit
 */
public record Room(
        long wantedBytes,
        long lentBytes,
        long heldBytes,
        long largestTierBytes,
        boolean paused,
        Optional<Wanted> misfit) {
    /** An object that is to be leased. */
    public record Wanted(ObjectId id, long sizeBytes) {
        long chargeBytes() {
            return Tier.chargeBytes(sizeBytes);
        }
    }

    /** Whether every object has a place. */
    public boolean fits() {
        return misfit.isEmpty();
    }

    /** First fit in the order of tiers, as objects are made; what some tier has already stays there. */
    static Room count(List<Tier> tiers, Map<ObjectId, ObjectFile> index, Collection<Wanted> objects) {
        long[] left = tiers.stream()
                .mapToLong(tier -> tier.quotaBytes() - tier.heldBytes())
                .toArray();
        long wantedBytes = 0;
        Set<ObjectId> seen = new HashSet<>();
        for (Wanted object : objects) {
            ObjectFile known = index.get(object.id());
            if (seen.add(object.id()) && (known == null || !known.pinned())) {
                wantedBytes += object.chargeBytes();
                if (known != null) {
                    left[tiers.indexOf(known.tier())] -= object.chargeBytes();
                }
            }
        }
        Optional<Wanted> misfit = objects.stream()
                .filter(object -> !index.containsKey(object.id()) && seen.remove(object.id()))
                .filter(object -> !place(tiers, left, object))
                .findFirst();
        return new Room(
                wantedBytes,
                tiers.stream().mapToLong(tier -> tier.quotaBytes()).sum(),
                tiers.stream().mapToLong(Tier::heldBytes).sum(),
                tiers.stream().mapToLong(tier -> tier.quotaBytes()).max().orElse(0),
                tiers.stream().anyMatch(Tier::full),
                misfit);
    }

    private static boolean place(List<Tier> tiers, long[] left, Wanted object) {
        for (int i = 0; i < left.length; i++) {
            if (tiers.get(i).takes(object.id(), object.chargeBytes()) && object.chargeBytes() <= left[i]) {
                left[i] -= object.chargeBytes();
                return true;
            }
        }
        return false;
    }
}
