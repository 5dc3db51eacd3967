package io.hearth.master;

import io.hearth.protocol.ObjectId;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The sizes of a generation's objects by id: an open hash table in primitive arrays, at most 48 bytes an object where a
 * {@code HashMap} of ids takes about 150. Ids are told apart by their first 128 bits. Built once, then read by any
 * thread.
 */
final class ObjectIndex {
    private static final long FREE = -1;

    private final long[] high;
    private final long[] low;
    private final long[] sizes;
    private final int mask;
    private int count;

    /** @param objectsMax how many will be added at most */
    ObjectIndex(int objectsMax) {
        int capacity = Integer.highestOneBit(Math.max(8, objectsMax + objectsMax / 2)) << 1;
        high = new long[capacity];
        low = new long[capacity];
        sizes = new long[capacity];
        Arrays.fill(sizes, FREE);
        mask = capacity - 1;
    }

    void add(ObjectId id, long sizeBytes) {
        ByteBuffer bytes = ByteBuffer.wrap(id.bytes());
        int slot = slot(bytes.getLong(0), bytes.getLong(8));
        if (sizes[slot] == FREE) {
            high[slot] = bytes.getLong(0);
            low[slot] = bytes.getLong(8);
            sizes[slot] = sizeBytes;
            count++;
        }
    }

    /** The object's size in bytes, or -1 if it is not of this generation. */
    long sizeOf(ObjectId id) {
        ByteBuffer bytes = ByteBuffer.wrap(id.bytes());
        return sizes[slot(bytes.getLong(0), bytes.getLong(8))];
    }

    int count() {
        return count;
    }

    private int slot(long first, long second) {
        int slot = (int) (first >>> 32) & mask;
        while (sizes[slot] != FREE && (high[slot] != first || low[slot] != second)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
