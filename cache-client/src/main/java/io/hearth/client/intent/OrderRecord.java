package io.hearth.client.intent;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.OrderedBlocks;
import java.util.BitSet;
import java.util.Optional;

/** The order in which blocks of one object are first touched, by all who have it open. Thread-safe. */
final class OrderRecord {
    /** A sequential reader's requests come a little out of order, and a loader looks at header and end first. */
    private static final int RUNS_MIN = 6;

    /** Who reads a smaller part of the file says little about the next reader. */
    private static final int PART_MIN = 4;

    private final int blocks;
    private final int runsMax;
    private final BitSet touched = new BitSet();
    private final OrderedBlocks order = new OrderedBlocks();
    private int opens;
    private boolean filled;

    /** @param runsMax longest that is recorded; what comes after it is left to the order of the file */
    OrderRecord(long objectBytes, int runsMax) {
        this.blocks = Geometry.blocks(objectBytes);
        this.runsMax = runsMax;
    }

    synchronized void opened() {
        opens++;
    }

    /** Gives whether nobody has the object open any more. */
    synchronized boolean closed() {
        return --opens == 0;
    }

    /** The object is filled from its header on. */
    synchronized void filled() {
        filled = true;
    }

    synchronized void read(long offset, int length) {
        int last = Geometry.blockOf(offset + length - 1);
        for (int block = Geometry.blockOf(offset); block <= last; block++) {
            if (!touched.get(block) && order.runs() < runsMax) {
                touched.set(block);
                order.add(block);
            }
        }
    }

    /**
     * The order, if it is of a file that was filled, of a good part of it, and not the order that is filled in anyway.
     */
    synchronized Optional<BlockOrder> worthKeeping() {
        boolean much = (long) touched.cardinality() * PART_MIN >= blocks;
        return filled && much && order.runs() >= RUNS_MIN
                ? order.orders(runsMax).stream().findFirst()
                : Optional.empty();
    }
}
