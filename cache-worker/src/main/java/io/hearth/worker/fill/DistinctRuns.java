package io.hearth.worker.fill;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.BlockOrder.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The blocks of an order, each once, where it stands first: a client may name one as often as a message has room for,
 * and what is done for each is work. At most one run less than twice those of the order; made in O(n log n). Immutable
 * once made.
 */
final class DistinctRuns {
    private final List<Run> runs = new ArrayList<>();
    /** Runs that neither overlap nor touch: the end of each by its first block. */
    private final TreeMap<Integer, Integer> covered = new TreeMap<>();

    DistinctRuns(BlockOrder order) {
        for (Run run : order.runs()) {
            addNew(run);
            cover(run);
        }
    }

    private void addNew(Run run) {
        int at = run.first();
        while (at < run.end()) {
            Map.Entry<Integer, Integer> before = covered.floorEntry(at);
            if (before != null && before.getValue() > at) {
                at = before.getValue();
            } else {
                Integer known = covered.higherKey(at);
                int end = known == null ? run.end() : Math.min(known, run.end());
                runs.add(new Run(at, end - at));
                at = end;
            }
        }
    }

    private void cover(Run run) {
        int first = run.first();
        int end = run.end();
        for (Map.Entry<Integer, Integer> near = covered.floorEntry(end);
                near != null && near.getValue() >= first;
                near = covered.floorEntry(end)) {
            covered.remove(near.getKey());
            first = Math.min(first, near.getKey());
            end = Math.max(end, near.getValue());
        }
        covered.put(first, end);
    }

    /** At least one, as an order has. */
    List<Run> runs() {
        return runs;
    }

    /** Whether all blocks of the other are among these. */
    boolean covers(DistinctRuns other) {
        return other.covered.entrySet().stream().allMatch(wanted -> {
            Map.Entry<Integer, Integer> mine = covered.floorEntry(wanted.getKey());
            return mine != null && mine.getValue() >= wanted.getValue();
        });
    }
}
