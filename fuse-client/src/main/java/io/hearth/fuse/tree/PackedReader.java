package io.hearth.fuse.tree;

import java.util.Arrays;

/** Reads rows as {@link SegmentRowsWriter} writes them. One look-up's; not thread-safe. */
final class PackedReader {
    private static final long SECOND_MS = 1000;

    private final byte[] slab;
    private int at;

    PackedReader(byte[] slab, int at) {
        this.slab = slab;
        this.at = at;
    }

    int at() {
        return at;
    }

    /** Passes over a name. */
    PackedReader name() {
        at += 1 + (slab[at] & 0xff);
        return this;
    }

    SegmentRows.Row row(long baseMs) {
        long head = varint();
        long size = varint();
        long zigzag = varint();
        long distance = (zigzag >>> 1) ^ -(zigzag & 1);
        return new SegmentRows.Row(
                (int) (head >>> 1), size, baseMs + ((head & 1) == 1 ? distance * SECOND_MS : distance));
    }

    /** The bytes of the validator. */
    byte[] bytes() {
        int length = (int) varint();
        return Arrays.copyOfRange(slab, at, at + length);
    }

    void skipRow() {
        name();
        skipVarint();
        skipVarint();
        skipVarint();
        int length = (int) varint();
        at += length;
    }

    private void skipVarint() {
        while (slab[at++] < 0) {
            // A byte below zero has another one behind it.
        }
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = slab[at++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
