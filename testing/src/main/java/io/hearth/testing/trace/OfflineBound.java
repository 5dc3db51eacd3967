package io.hearth.testing.trace;

import java.util.Arrays;
import java.util.TreeMap;

/**
 * Belady's MIN: whoever is read again latest leaves first, and does not come in if it is the newcomer itself. No policy
 * knows the future; with objects of one size none could do better, with several sizes it is close to that.
 */
public final class OfflineBound {
    private OfflineBound() {}

    /** Plays a trace over an empty cache. */
    public static HitRatio of(Trace trace, long capacityBytes) {
        int[] accesses = trace.accesses();
        int[] nexts = nexts(trace);
        TreeMap<Integer, Integer> byNextUse = new TreeMap<>();
        HitRatio.Count count = new HitRatio.Count();
        long usedBytes = 0;
        for (int at = 0; at < accesses.length; at++) {
            long sizeBytes = trace.objects().get(accesses[at]).sizeBytes();
            boolean hit = byNextUse.remove(at) != null;
            count.add(sizeBytes, hit);
            usedBytes -= hit ? sizeBytes : 0;
            if (nexts[at] < accesses.length) {
                byNextUse.put(nexts[at], accesses[at]);
                usedBytes += sizeBytes;
            }
            while (usedBytes > capacityBytes) {
                usedBytes -= trace.objects()
                        .get(byNextUse.pollLastEntry().getValue())
                        .sizeBytes();
            }
        }
        return count.ratio();
    }

    /** For each access, the next one of the same object; the trace's length if there is none. */
    private static int[] nexts(Trace trace) {
        int[] nexts = new int[trace.accesses().length];
        int[] latest = new int[trace.objects().size()];
        Arrays.fill(latest, nexts.length);
        for (int at = nexts.length - 1; at >= 0; at--) {
            nexts[at] = latest[trace.accesses()[at]];
            latest[trace.accesses()[at]] = at;
        }
        return nexts;
    }
}
