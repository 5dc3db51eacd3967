package io.hearth.protocol.placement;

import io.hearth.protocol.Placement;
import java.util.Arrays;

/**
 * What each member has been given of one object while its blocks are placed, one after the other. Weights are rounded
 * to sixteenths of the largest, so that a logarithm is computed for each class of them and not for each member: within
 * a class the larger hash is the larger score. Not thread-safe.
 */
final class Shares {
    private static final int CLASSES = 16;
    private static final double HASHES = 0x1p53;

    private final long[] identities;
    private final byte[] classes;
    private final int[] sharesMax;
    private final int[][] given;
    private final long[] hashes;
    private final int[] best = new int[CLASSES + 1];

    Shares(Members members, int blocks, int copies) {
        int count = members.size();
        identities = new long[count];
        classes = new byte[count];
        sharesMax = new int[count];
        given = new int[copies][count];
        hashes = new long[count];
        long largest = members.all().stream().mapToLong(Member::lentBytes).max().orElse(0);
        int all = 0;
        for (int i = 0; i < count; i++) {
            Member member = members.all().get(i);
            identities[i] = Placement.mix(Placement.identity(member.id()));
            classes[i] = (byte) (largest == 0 ? 0 : Math.ceil((double) CLASSES * member.lentBytes() / largest));
            all += classes[i];
        }
        for (int i = 0; i < count && all > 0; i++) {
            sharesMax[i] = Math.toIntExact(((long) blocks * classes[i] + all - 1) / all);
        }
    }

    /** Chooses the holders of the next block and writes them from {@code at} on. */
    void place(long seed, int[] holders, int at) {
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = Placement.mix(seed ^ identities[i]) >>> 11;
        }
        for (int rank = 0; rank < given.length; rank++) {
            int[] ranked = given[rank];
            int chosen = best(ranked, true);
            if (chosen == PlacementTable.NOBODY) {
                // The last blocks' replicas: who has room left is the owner itself. Somebody takes one more.
                chosen = best(ranked, false);
            }
            holders[at + rank] = chosen;
            if (chosen != PlacementTable.NOBODY) {
                ranked[chosen]++;
                hashes[chosen] = -1;
            }
        }
    }

    private int best(int[] ranked, boolean bounded) {
        Arrays.fill(best, PlacementTable.NOBODY);
        for (int i = 0; i < hashes.length; i++) {
            int leader = best[classes[i]];
            boolean higher = leader == PlacementTable.NOBODY || hashes[i] > hashes[leader];
            if (higher && hashes[i] >= 0 && !(bounded && ranked[i] >= sharesMax[i])) {
                best[classes[i]] = i;
            }
        }
        int winner = PlacementTable.NOBODY;
        double highest = -1;
        for (int weight = 1; weight <= CLASSES; weight++) {
            double score = best[weight] == PlacementTable.NOBODY ? -1 : score(weight, hashes[best[weight]]);
            if (score > highest) {
                highest = score;
                winner = best[weight];
            }
        }
        return winner;
    }

    /** The same to the last bit on every machine, which {@code Math.log} does not promise. */
    private static double score(int weight, long hash) {
        return -weight / StrictMath.log((hash + 0.5) / HASHES);
    }
}
