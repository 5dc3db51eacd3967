package io.hearth.fuse.tree;

import io.hearth.protocol.Validator;
import java.util.Arrays;
import java.util.List;

/**
 * The files of one segment, packed in the order of their paths, about 54 bytes each with names of 20 and MD5 ETags: a
 * row is the length of the name and the name, then mount, size, time as a distance from {@code baseMs}, length of the
 * validator and the validator, numbers as varints. Every eighth row's place is kept. All of it follows from the segment
 * alone, so that trees can share it. Immutable, thread-safe.
 *
 * @param id the segment's
 * @param files number of rows
 * @param markers directories that the segment names itself
 * @param mountMax largest mount that a row or marker names
 * @param firstPath of its entries, to hold segments in order
 */
record SegmentRows(
        String id,
        int files,
        byte[] slab,
        int[] places,
        long baseMs,
        long[] inodes,
        List<Marker> markers,
        int mountMax,
        String firstPath,
        String lastPath) {
    /** Rows from one kept place to the next: each look-up reads over half as many. */
    static final int STRIDE = 8;

    private static final long ARRAY_HEADER_BYTES = 16;

    /** Record, strings of an id and two paths, arrays' headers. */
    private static final long OVERHEAD_BYTES = 500;

    /** A directory that stands between the rows. @param before row that follows it */
    record Marker(int before, String path, long modifiedMs) {}

    /** What {@code stat} needs of a row. */
    record Row(int mount, long sizeBytes, long modifiedMs) {}

    byte[] name(int row) {
        int at = place(row);
        return Arrays.copyOfRange(slab, at + 1, at + 1 + (slab[at] & 0xff));
    }

    /** Compares a row's name with {@code other}, bytes unsigned. */
    int compareName(int row, byte[] other) {
        int at = place(row);
        return Arrays.compareUnsigned(slab, at + 1, at + 1 + (slab[at] & 0xff), other, 0, other.length);
    }

    /** The hash of a row's path. @param directory that of its directory's path */
    long pathHash(InodeHash hash, int row, long directory) {
        int at = place(row);
        return hash.path(directory, slab, at + 1, at + 1 + (slab[at] & 0xff));
    }

    Row row(int row) {
        return new PackedReader(slab, place(row)).name().row(baseMs);
    }

    Validator validator(int row) {
        PackedReader reader = new PackedReader(slab, place(row)).name();
        reader.row(baseMs);
        return Validators.unpack(reader.bytes());
    }

    /** Bytes of memory. */
    long sizeBytes() {
        long arrays = slab.length + 4L * places.length + 8L * inodes.length + 3 * ARRAY_HEADER_BYTES;
        long named = markers.stream()
                .mapToLong(marker -> 80 + marker.path().length())
                .sum();
        return OVERHEAD_BYTES + arrays + named;
    }

    private int place(int row) {
        PackedReader reader = new PackedReader(slab, places[row / STRIDE]);
        for (int skip = row % STRIDE; skip > 0; skip--) {
            reader.skipRow();
        }
        return reader.at();
    }
}
