package io.hearth.worker.swarm;

/**
 * A set of chunk numbers below a bound: one bit each, and their count. A {@code BitSet} that knows how many it has, as
 * that is asked at each step. Not thread-safe.
 */
final class ChunkSet {
    private final long[] words;
    private final int bound;
    private int count;

    ChunkSet(int bound) {
        this.bound = bound;
        this.words = new long[(bound + 63) >> 6];
    }

    boolean has(int chunk) {
        return (words[chunk >> 6] & 1L << chunk) != 0;
    }

    /** Gives whether that changed the set. */
    boolean add(int chunk) {
        long before = words[chunk >> 6];
        words[chunk >> 6] = before | 1L << chunk;
        boolean changed = before != words[chunk >> 6];
        count += changed ? 1 : 0;
        return changed;
    }

    /** Gives whether that changed the set. */
    boolean remove(int chunk) {
        long before = words[chunk >> 6];
        words[chunk >> 6] = before & ~(1L << chunk);
        boolean changed = before != words[chunk >> 6];
        count -= changed ? 1 : 0;
        return changed;
    }

    void put(int chunk, boolean in) {
        if (in) {
            add(chunk);
        } else {
            remove(chunk);
        }
    }

    int count() {
        return count;
    }

    boolean isFull() {
        return count == bound;
    }

    /** The first chunk of the set from {@code from} on, or -1. */
    int next(int from) {
        if (from >= bound) {
            return -1;
        }
        int at = from >> 6;
        long word = words[at] & -1L << from;
        while (word == 0) {
            if (++at == words.length) {
                return -1;
            }
            word = words[at];
        }
        return (at << 6) + Long.numberOfTrailingZeros(word);
    }
}
