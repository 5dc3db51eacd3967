package io.hearth.fuse;

import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.DirectoryEntry;
import io.hearth.fuse.FuseFileSystem.Totals;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import java.nio.charset.StandardCharsets;

/**
 * A generation as a tree, in columns: about 100 bytes a file with names of 20 characters and MD5 ETags, so that a million
 * files fit a mount. Immutable but for the time of its switch; thread-safe.
 *
 * <p>Node 0 is the root. The children of a directory are neighbours in the order of their names' bytes.
 */
public final class GenerationTree {
    /** No such node. */
    public static final int NONE = -1;

    /** Stands for the time at which this tree is shown. */
    static final long NEW = Long.MIN_VALUE;

    private final Generation generation;
    private final Columns columns;
    private final Totals totals;
    private volatile long shownAtNanos;

    /** The columns by node; {@code names} and {@code validators} have one offset more than there are nodes. */
    record Columns(
            int nodes,
            TextColumn names,
            TextColumn validators,
            int[] parent,
            short[] mount,
            long[] sizeOrChildren,
            long[] modifiedMs,
            long[] displayInode,
            long[] inode,
            long[] sinceNanos,
            int[] slots) {}

    GenerationTree(Generation generation, Columns columns, Totals totals) {
        this.generation = generation;
        this.columns = columns;
        this.totals = totals;
    }

    public Generation generation() {
        return generation;
    }

    public Totals totals() {
        return totals;
    }

    /** The child of that name, or {@link #NONE}; also where {@code node} is a file. */
    public int child(int node, String name) {
        if (!directory(node)) {
            return NONE;
        }
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        int low = firstChild(node);
        int high = low + children(node) - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = columns.names.compare(middle, wanted);
            if (order == 0) {
                return middle;
            } else if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return NONE;
    }

    /** The node of that inode, or {@link #NONE}. */
    public int find(long inode) {
        int[] slots = columns.slots;
        int mask = slots.length - 1;
        for (int slot = slotOf(inode) & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
            if (columns.inode[slots[slot] - 1] == inode) {
                return slots[slot] - 1;
            }
        }
        return NONE;
    }

    /** The node at a path without slashes at its ends, or {@link #NONE}; empty for the root. */
    public int resolve(String path) {
        int node = 0;
        for (int start = 0; start < path.length() && node != NONE; ) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            node = child(node, path.substring(start, end));
            start = end + 1;
        }
        return node;
    }

    public boolean directory(int node) {
        return columns.mount[node] < 0;
    }

    /** Number of a directory's children. */
    public int children(int node) {
        return (int) columns.sizeOrChildren[node];
    }

    /** The entry of a directory's child by its place in the listing. */
    public DirectoryEntry entry(int node, int index) {
        int child = firstChild(node) + index;
        return new DirectoryEntry(
                columns.names.text(child), columns.inode[child], columns.displayInode[child], directory(child));
    }

    public Attributes attributes(int node) {
        boolean directory = directory(node);
        return new Attributes(
                columns.inode[node],
                columns.displayInode[node],
                directory,
                directory ? 0 : columns.sizeOrChildren[node],
                columns.modifiedMs[node],
                sinceNanos(node));
    }

    /** Number of nodes, the root among them. */
    int nodes() {
        return columns.nodes;
    }

    long inode(int node) {
        return columns.inode[node];
    }

    /** The directory that holds {@code node}; the root holds itself. */
    int parent(int node) {
        return columns.parent[node];
    }

    String name(int node) {
        return columns.names.text(node);
    }

    /** The object of a file. */
    public ObjectRef object(int node) {
        return generation.object(new Entry(
                path(node),
                columns.mount[node],
                false,
                columns.sizeOrChildren[node],
                columns.modifiedMs[node],
                Validators.unpack(columns.validators.bytes(node))));
    }

    /** The path from the root, without a leading slash. */
    public String path(int node) {
        if (node == 0) {
            return "";
        }
        String above = path(columns.parent[node]);
        String name = columns.names.text(node);
        return above.isEmpty() ? name : above + "/" + name;
    }

    /** Says that this tree is shown from now on; call at the switch. */
    void shownAt(long nanoTime) {
        shownAtNanos = nanoTime == 0 ? 1 : nanoTime;
    }

    /** When the version of {@code node} took its path; 0 for from the start. */
    long sinceNanos(int node) {
        long since = columns.sinceNanos[node];
        return since == NEW ? shownAtNanos : since;
    }

    /** Bytes that the columns take in memory. */
    long heapBytes() {
        return columns.names.heapBytes()
                + columns.validators.heapBytes()
                + (4L + 2 + 8 + 8 + 8 + 8 + 8) * columns.nodes
                + 4L * columns.slots.length;
    }

    /** Where a search for {@code inode} starts; inodes are hashes already. */
    static int slotOf(long inode) {
        return (int) (inode ^ inode >>> 32);
    }

    private int firstChild(int node) {
        return (int) (columns.sizeOrChildren[node] >>> 32);
    }

    @Override
    public String toString() {
        return "tree of generation " + generation.id() + " (" + totals.files() + " files)";
    }
}
