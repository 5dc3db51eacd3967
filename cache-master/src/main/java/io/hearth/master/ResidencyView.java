package io.hearth.master;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.Residency;
import io.hearth.protocol.api.Residency.Place;
import io.hearth.protocol.wire.ResidencyReport.HeldObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.roaringbitmap.RoaringBitmap;

/** How much of a dataset's current generation is resident, and where. Thread-safe. */
final class ResidencyView {
    private final Membership membership;
    private final ObjectIndexes indexes;
    private final Map<String, Counted> counted = new ConcurrentHashMap<>();

    private record Counted(String generation, long version, Residency residency) {}

    ResidencyView(Membership membership, ObjectIndexes indexes) {
        this.membership = membership;
        this.indexes = indexes;
    }

    /** Counts anew only after the generation or the residency changed. */
    Residency of(StoredDataset dataset) {
        if (dataset.current().isEmpty()) {
            return new Residency(0, 0, List.of());
        }
        StoredDataset.CurrentListing current = dataset.current().get();
        long version = membership.version();
        Counted known = counted.get(dataset.uid());
        List<Membership.Holding> holdings = membership.holdings();
        if (known != null && known.version() == version && known.generation().equals(current.generation())) {
            // A worker falls silent without a change of version until the next sweep.
            boolean allLive = known.residency().places().stream()
                    .allMatch(place -> holdings.stream()
                            .anyMatch(holding -> holding.worker().id().equals(place.worker())));
            if (allLive) {
                return known.residency();
            }
        }
        Residency residency =
                holdings.stream().allMatch(holding -> holding.objects().isEmpty())
                        ? new Residency(current.bytes(), 0, List.of())
                        : count(current, holdings, indexes.of(dataset.uid(), current.generation()));
        counted.put(dataset.uid(), new Counted(current.generation(), version, residency));
        return residency;
    }

    void forget(String uid) {
        counted.remove(uid);
    }

    private static Residency count(
            StoredDataset.CurrentListing current, List<Membership.Holding> holdings, ObjectIndex index) {
        Map<ObjectId, RoaringBitmap> union = new HashMap<>();
        List<Place> places = new ArrayList<>();
        for (Membership.Holding holding : holdings) {
            Map<String, long[]> byMedium = new TreeMap<>();
            for (HeldObject held : holding.objects().values()) {
                long size = index.sizeOf(held.object());
                if (size < 0) {
                    continue;
                }
                long[] sums = byMedium.computeIfAbsent(held.medium(), medium -> new long[2]);
                sums[0] += residentBytes(held.chunks(), size);
                sums[1]++;
                union.merge(held.object(), held.chunks(), (one, other) -> RoaringBitmap.or(one, other));
            }
            byMedium.forEach((medium, sums) -> places.add(new Place(
                    holding.worker().id(),
                    holding.worker().host(),
                    medium,
                    sums[0],
                    sums[1],
                    current.bytes() == 0 ? 100.0 : 100.0 * sums[0] / current.bytes())));
        }
        long distinct = 0;
        for (Map.Entry<ObjectId, RoaringBitmap> object : union.entrySet()) {
            distinct += residentBytes(object.getValue(), index.sizeOf(object.getKey()));
        }
        return new Residency(current.bytes(), distinct, List.copyOf(places));
    }

    /**
     * Bytes of the chunks of an object of {@code sizeBytes}: the last one may be short, and ones beyond it count
     * nothing.
     */
    static long residentBytes(RoaringBitmap chunks, long sizeBytes) {
        int count = Geometry.chunks(sizeBytes);
        if (count == 0) {
            return 0;
        }
        long full = chunks.rank(count - 1); // How many of chunks 0 to count - 1 are there.
        long missing =
                chunks.contains(count - 1) ? Geometry.CHUNK_BYTES - Geometry.chunkLength(count - 1, sizeBytes) : 0;
        return full * Geometry.CHUNK_BYTES - missing;
    }
}
