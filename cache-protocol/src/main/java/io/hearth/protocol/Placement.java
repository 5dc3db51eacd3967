package io.hearth.protocol;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Which worker owns a block: rendezvous hashing (Thaler and Ravishankar, 1998), so that a worker that joins or leaves
 * moves only its own share. Without weights and bounds, for one block at a time; with them, for all blocks of an object,
 * it is {@link io.hearth.protocol.placement.PlacementTable}.
 */
public final class Placement {
    private Placement() {}

    /**
     * The workers for {@code block}, the owner first, then the fall-backs in order. Every caller with the same workers
     * gets the same order, whatever order it holds them in.
     *
     * @param identity a stable number per worker, such as a hash of its id
     */
    public static <W> List<W> order(ObjectId object, int block, List<W> workers, ToLongFunction<W> identity) {
        if (workers.size() < 2) {
            return List.copyOf(workers);
        }
        long seed = object.prefix() ^ mix(block + 1L);
        return workers.stream()
                .sorted(Comparator.comparingLong((W worker) -> mix(seed ^ mix(identity.applyAsLong(worker))))
                        .thenComparingLong(identity))
                .toList();
    }

    /** A stable number for a worker's id. */
    public static long identity(String workerId) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < workerId.length(); i++) {
            hash = (hash ^ workerId.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): a bijection with full avalanche. */
    public static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
