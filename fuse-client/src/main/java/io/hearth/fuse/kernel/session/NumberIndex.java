package io.hearth.fuse.kernel.session;

import java.util.Arrays;

/** From numbers to rows, by open addressing with linear probing: 24 bytes a number at most. Not thread-safe. */
final class NumberIndex {
    static final int NONE = -1;
    private static final int CAPACITY_MIN = 64;
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private long[] keys = new long[CAPACITY_MIN];
    private int[] rows = filled(CAPACITY_MIN);
    private int size;

    /** The row of {@code key}, or {@link #NONE}. */
    int get(long key) {
        return rows[slot(key)];
    }

    /** @param row from 0 */
    void put(long key, int row) {
        int slot = slot(key);
        if (rows[slot] == NONE) {
            if (2 * ++size > rows.length) {
                grow();
                slot = slot(key);
            }
            keys[slot] = key;
        }
        rows[slot] = row;
    }

    /** Knuth, volume 3, 6.4, algorithm R: what probed past the freed slot moves up. */
    void remove(long key) {
        int hole = slot(key);
        if (rows[hole] == NONE) {
            return;
        }
        size--;
        int mask = rows.length - 1;
        for (int next = (hole + 1) & mask; rows[next] != NONE; next = (next + 1) & mask) {
            int home = home(keys[next]);
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                keys[hole] = keys[next];
                rows[hole] = rows[next];
                hole = next;
            }
        }
        rows[hole] = NONE;
    }

    private int slot(long key) {
        int mask = rows.length - 1;
        int slot = home(key);
        while (rows[slot] != NONE && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private int home(long key) {
        return (int) (key * GOLDEN >>> 32) & (rows.length - 1);
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldRows = rows;
        keys = new long[2 * oldKeys.length];
        rows = filled(2 * oldRows.length);
        for (int i = 0; i < oldRows.length; i++) {
            if (oldRows[i] != NONE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                rows[slot] = oldRows[i];
            }
        }
    }

    private static int[] filled(int length) {
        int[] rows = new int[length];
        Arrays.fill(rows, NONE);
        return rows;
    }
}
