package io.hearth.objectstore.engine;

import io.hearth.objectstore.engine.Permit.Running;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Tells a request that came to a slow server or path from one that is slow as all are: slow beside its peers, or every
 * range would be given up where the origin is slow, and so slow in itself that asking anew pays. Peers are compared
 * over the same last looks: what makes this process pause makes all of them pause. Where too few are left to compare
 * with, at the end of an object, what ranges brought before is the measure, over a longer time. Not thread-safe.
 */
final class StarvedRanges {
    /** Looks that a verdict takes, 150 ms: at 2 MB/s a connection peers have 300 KB by then, at 1/40 of it 8. */
    private static final int LOOKS = 3;
    /** A later look compares nothing: some connections' bytes were taken up before it, those of others were not. */
    private static final long LATE_NS = 2 * ConcurrencyControl.LOOK_NS;
    /** Of the looks' time not in the sink's hands. */
    private static final long WINDOW_NS_MIN = TimeUnit.MILLISECONDS.toNanos(100);
    /** Alone, a rate means something after so long. */
    private static final long ALONE_NS_MIN = TimeUnit.MILLISECONDS.toNanos(300);

    private static final double OF_MEDIAN_MAX = 0.25;
    private static final int PEERS_MIN = 4;
    private static final double LEFT_SECONDS_MIN = 0.5;
    /** What is left must take so many times what it would take anew. */
    private static final double PAYS = 2;

    private Map<Running, Deque<Progress>> seen = new IdentityHashMap<>();
    private long lookedNs;

    /** How one range did over the last looks. */
    private record Recent(Running range, Progress now, double bytesPerS) {}

    /**
     * Once per {@link ConcurrencyControl#LOOK_NS}.
     *
     * @param before bytes a second of ranges that ran before
     * @param firstByteNs time to a first byte, as far as it is known
     */
    List<Running> look(long nowNs, Collection<Running> running, RecentValues before, long firstByteNs) {
        boolean late = nowNs - lookedNs > LATE_NS;
        lookedNs = nowNs;
        Map<Running, Deque<Progress>> next = new IdentityHashMap<>();
        List<Recent> recent = new ArrayList<>();
        for (Running range : running) {
            Progress now = range.progress();
            if (now.bytes() > 0) {
                Deque<Progress> looks = late ? new ArrayDeque<>() : seen.getOrDefault(range, new ArrayDeque<>());
                looks.addLast(now);
                next.put(range, looks);
                if (looks.size() > LOOKS) {
                    compared(range, looks.removeFirst(), now, recent);
                }
            }
        }
        seen = next;
        double peers = recent.size() >= PEERS_MIN ? median(recent) : 0;
        double past = before.count() >= PEERS_MIN ? before.quantile(0.5) : 0;
        return recent.stream()
                .filter(one -> starved(one, recent.size() >= PEERS_MIN, peers, past, firstByteNs))
                .map(Recent::range)
                .toList();
    }

    private static void compared(Running range, Progress then, Progress now, List<Recent> recent) {
        long tookNs = now.receivingNs() - then.receivingNs();
        if (tookNs >= WINDOW_NS_MIN) {
            recent.add(new Recent(range, now, (now.bytes() - then.bytes()) * 1e9 / tookNs));
        }
    }

    private static double median(List<Recent> recent) {
        double[] rates = recent.stream().mapToDouble(Recent::bytesPerS).sorted().toArray();
        return rates[rates.length / 2];
    }

    private static boolean starved(Recent one, boolean beside, double peers, double past, long firstByteNs) {
        double usual = beside ? peers : past;
        boolean slow = one.bytesPerS() < usual * OF_MEDIAN_MAX
                && one.now().bytesPerS() < usual * OF_MEDIAN_MAX
                && (beside || one.now().receivingNs() >= ALONE_NS_MIN);
        double anewSeconds = firstByteNs / 1e9 + one.now().leftBytes() / Math.max(usual, 1);
        return slow && one.now().leftSeconds() > Math.max(LEFT_SECONDS_MIN, PAYS * anewSeconds);
    }
}
