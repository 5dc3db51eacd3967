package io.hearth.protocol;

import io.hearth.protocol.BlockOrder.Run;
import java.util.ArrayList;
import java.util.List;

/** Makes an order of blocks that are given one after the other. Not thread-safe. */
public final class OrderedBlocks {
    private final List<Run> runs = new ArrayList<>();

    /** Adds a block behind the others. */
    public void add(int block) {
        int last = runs.size() - 1;
        if (last >= 0 && runs.get(last).end() == block) {
            runs.set(last, new Run(runs.get(last).first(), runs.get(last).count() + 1));
        } else {
            runs.add(new Run(block, 1));
        }
    }

    /** Runs of blocks one after the other so far. */
    public int runs() {
        return runs.size();
    }

    /** All of them, in orders of at most so many runs. */
    public List<BlockOrder> orders(int runsMax) {
        List<BlockOrder> orders = new ArrayList<>();
        for (int from = 0; from < runs.size(); from += runsMax) {
            orders.add(new BlockOrder(runs.subList(from, Math.min(runs.size(), from + runsMax))));
        }
        return orders;
    }
}
