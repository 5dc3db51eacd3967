package io.hearth.worker.tier;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * A set of an object's blocks. A worker has three for each of 200,000 objects, nearly all of one block: 24 bytes up to
 * 512 MiB of object, where an empty RoaringBitmap takes about 100. Not thread-safe.
 */
final class BlockSet {
    private long first;
    /** Blocks from 64 on; null while there are none. */
    private BitSet others;

    void add(int block) {
        if (block < Long.SIZE) {
            first |= 1L << block;
            return;
        }
        if (others == null) {
            others = new BitSet();
        }
        others.set(block);
    }

    void remove(int block) {
        if (block < Long.SIZE) {
            first &= ~(1L << block);
        } else if (others != null) {
            others.clear(block);
        }
    }

    boolean contains(int block) {
        return block < Long.SIZE ? (first >>> block & 1) == 1 : others != null && others.get(block);
    }

    boolean containsAll(BlockSet wanted) {
        return wanted.stream().allMatch(this::contains);
    }

    void clear() {
        first = 0;
        others = null;
    }

    /** In ascending order. */
    IntStream stream() {
        IntStream low = IntStream.range(0, Long.SIZE).filter(this::contains);
        return others == null ? low : IntStream.concat(low, others.stream());
    }

    RoaringBitmap toBitmap() {
        RoaringBitmap blocks = new RoaringBitmap();
        stream().forEach(blocks::add);
        return blocks;
    }
}
