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
        Set<ObjectId> staying = new HashSet<>();
        for (Wanted object : objects) {
            if (seen.add(object.id())) {
                Optional<ObjectFile> known = Optional.ofNullable(index.get(object.id()));
                wantedBytes += known.map(Room::neededBytes).orElseGet(object::chargeBytes);
                if (known.isPresent() && stays(tiers, left, known.get())) {
                    staying.add(object.id());
                }
            }
        }
        Optional<Wanted> misfit = objects.stream()
                .filter(object -> !staying.contains(object.id()) && seen.remove(object.id()))
                .filter(object -> pinned(index, object) || !place(tiers, left, object))
                .findFirst();
        return new Room(
                wantedBytes,
                tiers.stream().mapToLong(tier -> tier.quotaBytes()).sum(),
                tiers.stream().mapToLong(Tier::heldBytes).sum(),
                tiers.stream().mapToLong(tier -> tier.quotaBytes()).max().orElse(0),
                tiers.stream().anyMatch(Tier::full),
                misfit);
    }

    /** What of a tier's room the file needs to be whole and held: what of it is held counts in the tier already. */
    private static long neededBytes(ObjectFile file) {
        long missingBytes = file.missingBytes(file.layout().allBlocks());
        return file.pinned() ? missingBytes : file.chargeBytes() + missingBytes;
    }

    /** Whether its tier has room for the rest of it. */
    private static boolean stays(List<Tier> tiers, long[] left, ObjectFile file) {
        int own = tiers.indexOf(file.tier());
        long neededBytes = neededBytes(file);
        long wholeBytes = Tier.chargeBytes(file.layout().sizeBytes());
        boolean fits = file.missingBytes(file.layout().allBlocks()) == 0
                || neededBytes <= left[own] && file.tier().grows(wholeBytes);
        left[own] -= fits ? neededBytes : 0;
        return fits;
    }

    private static boolean pinned(Map<ObjectId, ObjectFile> index, Wanted object) {
        ObjectFile known = index.get(object.id());
        return known != null && known.pinned();
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
