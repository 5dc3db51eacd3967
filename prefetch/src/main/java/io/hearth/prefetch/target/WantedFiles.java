package io.hearth.prefetch.target;

import io.hearth.master.PinnedTree;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Segment;
import java.util.Arrays;

/**
 * The files of a tree that a load wants, by position: 14 bytes a file; names and objects are read from the tree again
 * where they are needed. Immutable once built; {@link #reader} is one thread's.
 */
public final class WantedFiles {
    private final PinnedTree tree;
    private final int[] segmentStarts;
    private final int[] entries;
    private final long[] sizes;
    private final short[] replicas;

    private WantedFiles(PinnedTree tree, int[] segmentStarts, int[] entries, long[] sizes, short[] replicas) {
        this.tree = tree;
        this.segmentStarts = segmentStarts;
        this.entries = entries;
        this.sizes = sizes;
        this.replicas = replicas;
    }

    public int count() {
        return entries.length;
    }

    public long sizeBytes(int file) {
        return sizes[file];
    }

    /** On how many workers each of the file's blocks is wanted. */
    public int replicas(int file) {
        return replicas[file];
    }

    /** Bytes wanted, each replica counted. */
    public long bytes() {
        long bytes = 0;
        for (int file = 0; file < sizes.length; file++) {
            bytes += sizes[file] * replicas[file];
        }
        return bytes;
    }

    /** The most replicas that a file is to have; 0 without files. */
    public int replicasMax() {
        int most = 0;
        for (short count : replicas) {
            most = Math.max(most, count);
        }
        return most;
    }

    /** Looks files up; cheap in the order of their positions. */
    public Reader reader() {
        return new Reader();
    }

    /** Looks files up. One thread's. */
    public final class Reader {
        private int loaded = -1;
        private Segment segment;

        private Entry entry(int file) {
            int at = Arrays.binarySearch(segmentStarts, file);
            int wanted = at < 0 ? -at - 2 : at;
            while (wanted + 1 < segmentStarts.length && segmentStarts[wanted + 1] <= file) {
                wanted++; // Segments without a wanted file begin where the next one does.
            }
            if (wanted != loaded) {
                segment = tree.segment(wanted);
                loaded = wanted;
            }
            return segment.entries().get(entries[file]);
        }

        /** From the dataset's root, with a leading slash. */
        public String path(int file) {
            return "/" + entry(file).path();
        }

        public ObjectRef object(int file) {
            return tree.generation().object(entry(file));
        }
    }

    /** Collects files in the order of the tree. */
    public static final class Builder {
        private final PinnedTree tree;
        private final int[] segmentStarts;
        private int[] entries = new int[64];
        private long[] sizes = new long[64];
        private short[] replicas = new short[64];
        private int count;

        public Builder(PinnedTree tree) {
            this.tree = tree;
            this.segmentStarts = new int[tree.generation().segments().size()];
        }

        /** To be called for each segment, in order, before its files. */
        public void segment(int number) {
            segmentStarts[number] = count;
        }

        public void add(int entry, long sizeBytes, int replicaCount) {
            if (count == entries.length) {
                entries = Arrays.copyOf(entries, 2 * count);
                sizes = Arrays.copyOf(sizes, 2 * count);
                replicas = Arrays.copyOf(replicas, 2 * count);
            }
            entries[count] = entry;
            sizes[count] = sizeBytes;
            replicas[count++] = (short) replicaCount;
        }

        public WantedFiles build() {
            return new WantedFiles(
                    tree,
                    segmentStarts,
                    Arrays.copyOf(entries, count),
                    Arrays.copyOf(sizes, count),
                    Arrays.copyOf(replicas, count));
        }
    }
}
