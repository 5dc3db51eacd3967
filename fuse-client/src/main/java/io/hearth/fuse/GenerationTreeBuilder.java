package io.hearth.fuse;

import io.hearth.fuse.FuseFileSystem.Totals;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds a {@link GenerationTree} from segments, one at a time and in any order, so that only one need be decoded at once.
 * Not thread-safe.
 */
public final class GenerationTreeBuilder {
    private static final byte[] NO_VALIDATOR = {};
    private static final short DIRECTORY = -1;

    private final Generation generation;
    private final Optional<GenerationTree> previous;
    private final Map<String, Integer> directories = new HashMap<>();
    private int nodes;
    private byte[][] names = new byte[64][];
    private byte[][] validators = new byte[64][];
    private int[] parents = new int[64];
    private short[] mounts = new short[64];
    private long[] sizes = new long[64];
    private long[] modifiedMs = new long[64];

    /**
     * @param previous the tree that this one follows, for telling which paths have a new object
     */
    public GenerationTreeBuilder(Generation generation, Optional<GenerationTree> previous) {
        this.generation = generation;
        this.previous = previous;
        directories.put("", addNode(new byte[0], 0, DIRECTORY, 0, 0, NO_VALIDATOR));
        generation.mounts().forEach(mount -> directory(mount.path()));
    }

    /** Adds a segment's entries. */
    public GenerationTreeBuilder add(List<Entry> entries) {
        for (Entry entry : entries) {
            if (entry.directory()) {
                int node = directory(entry.path());
                modifiedMs[node] = Math.max(modifiedMs[node], entry.modifiedMs());
                continue;
            }
            if (entry.mount() >= generation.mounts().size() || entry.mount() > Short.MAX_VALUE) {
                throw new HearthException(
                        FailureKind.INVALID, "generation " + generation.id() + " names a mount that it has not");
            }
            addNode(
                    nameOf(entry.path()),
                    directory(parentOf(entry.path())),
                    (short) entry.mount(),
                    entry.sizeBytes(),
                    entry.modifiedMs(),
                    Validators.pack(entry.validator()));
        }
        return this;
    }

    /** The tree. Call once. */
    public GenerationTree build() {
        int[] order = breadthFirst();
        int[] placeOf = new int[nodes];
        for (int place = 0; place < nodes; place++) {
            placeOf[order[place]] = place;
        }
        TextColumn nameColumn = new TextColumn(nodes);
        TextColumn validatorColumn = new TextColumn(nodes);
        int[] parent = new int[nodes];
        short[] mount = new short[nodes];
        long[] size = new long[nodes];
        long[] modified = new long[nodes];
        for (int place = 0; place < nodes; place++) {
            int node = order[place];
            nameColumn.add(names[node]);
            validatorColumn.add(validators[node]);
            names[node] = null;
            validators[node] = null;
            parent[place] = placeOf[parents[node]];
            mount[place] = mounts[node];
            size[place] = mounts[node] == DIRECTORY ? 0 : sizes[node];
            modified[place] = modifiedMs[node];
        }
        for (int place = nodes - 1; place > 0; place--) {
            // Children stand after their directory, so the root comes last; 2^32 times the first child plus the count.
            modified[parent[place]] = Math.max(modified[parent[place]], modified[place]);
            size[parent[place]] = ((long) place << 32) | ((size[parent[place]] & 0xffffffffL) + 1);
        }
        GenerationTree.Columns columns =
                number(nameColumn.trim(), validatorColumn.trim(), parent, mount, size, modified);
        GenerationTree tree = new GenerationTree(generation, columns, totals(mount, size));
        previous.ifPresent(before -> markChanges(tree, before, columns));
        return tree;
    }

    /** Gives each node its two numbers, so that neither occurs twice. */
    private GenerationTree.Columns number(
            TextColumn nameColumn,
            TextColumn validatorColumn,
            int[] parent,
            short[] mount,
            long[] size,
            long[] modified) {
        int[] slots = new int[Math.max(4, Integer.highestOneBit(nodes) << 2)];
        long[] displayInode = new long[nodes];
        long[] inode = new long[nodes];
        displayInode[0] = FuseFileSystem.ROOT;
        inode[0] = FuseFileSystem.ROOT;
        for (int node = 1; node < nodes; node++) {
            long hash = InodeHash.start(displayInode[parent[node]]);
            displayInode[node] = unique(InodeHash.mix(hash, nameColumn.bytes(node)), displayInode, slots, node);
        }
        Arrays.fill(slots, 0);
        insert(FuseFileSystem.ROOT, slots, 0);
        for (int node = 1; node < nodes; node++) {
            long hash = InodeHash.start(~displayInode[node]);
            long version =
                    mount[node] == DIRECTORY ? hash : InodeHash.mix(hash + size[node], validatorColumn.bytes(node));
            inode[node] = unique(InodeHash.mix(version, NO_VALIDATOR), inode, slots, node);
        }
        return new GenerationTree.Columns(
                nodes,
                nameColumn,
                validatorColumn,
                parent,
                mount,
                size,
                modified,
                displayInode,
                inode,
                new long[nodes],
                slots);
    }

    private static long unique(long hash, long[] taken, int[] slots, int node) {
        long number = hash;
        while (number <= FuseFileSystem.ROOT || occurs(number, taken, slots)) {
            number = InodeHash.mix(InodeHash.start(number + 1), NO_VALIDATOR);
        }
        insert(number, slots, node);
        return number;
    }

    private static boolean occurs(long number, long[] taken, int[] slots) {
        int mask = slots.length - 1;
        for (int slot = GenerationTree.slotOf(number) & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
            if (taken[slots[slot] - 1] == number) {
                return true;
            }
        }
        return false;
    }

    private static void insert(long number, int[] slots, int node) {
        int mask = slots.length - 1;
        int slot = GenerationTree.slotOf(number) & mask;
        while (slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = node + 1;
    }

    private void markChanges(GenerationTree tree, GenerationTree before, GenerationTree.Columns columns) {
        for (int node = 1; node < columns.nodes(); node++) {
            int same = before.find(columns.inode()[node]);
            columns.sinceNanos()[node] = same == GenerationTree.NONE ? GenerationTree.NEW : before.sinceNanos(same);
        }
    }

    /** Node numbers by depth; siblings together, in the order of their names' bytes. */
    private int[] breadthFirst() {
        int[] depth = new int[nodes];
        for (int node = 1; node < nodes; node++) {
            depth[node] = depth[parents[node]] + 1;
        }
        Integer[] order = new Integer[nodes];
        Arrays.setAll(order, node -> node);
        int[] rank = new int[nodes];
        Comparator<Integer> byDepth = Comparator.comparingInt(node -> depth[node]);
        Arrays.sort(order, byDepth);
        // Level by level, so that the parents' places are known when their children are sorted.
        for (int start = 0; start < nodes; ) {
            int end = start;
            while (end < nodes && depth[order[end]] == depth[order[start]]) {
                end++;
            }
            Arrays.sort(
                    order,
                    start,
                    end,
                    (a, b) -> rank[parents[a]] != rank[parents[b]]
                            ? Integer.compare(rank[parents[a]], rank[parents[b]])
                            : Arrays.compareUnsigned(names[a], names[b]));
            for (int place = start; place < end; place++) {
                rank[order[place]] = place;
            }
            start = end;
        }
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }

    private Totals totals(short[] mount, long[] size) {
        long files = 0;
        long bytes = 0;
        for (int node = 0; node < nodes; node++) {
            if (mount[node] != DIRECTORY) {
                files++;
                bytes += size[node];
            }
        }
        return new Totals(files, nodes - files, bytes);
    }

    private int directory(String path) {
        Integer known = directories.get(path);
        if (known != null) {
            return known;
        }
        int node = addNode(nameOf(path), directory(parentOf(path)), DIRECTORY, 0, 0, NO_VALIDATOR);
        directories.put(path, node);
        return node;
    }

    private int addNode(byte[] name, int parent, short mount, long size, long modified, byte[] validator) {
        if (nodes == names.length) {
            int capacity = nodes + (nodes >> 1);
            names = Arrays.copyOf(names, capacity);
            validators = Arrays.copyOf(validators, capacity);
            parents = Arrays.copyOf(parents, capacity);
            mounts = Arrays.copyOf(mounts, capacity);
            sizes = Arrays.copyOf(sizes, capacity);
            modifiedMs = Arrays.copyOf(modifiedMs, capacity);
        }
        names[nodes] = name;
        validators[nodes] = validator;
        parents[nodes] = parent;
        mounts[nodes] = mount;
        sizes[nodes] = size;
        modifiedMs[nodes] = modified;
        return nodes++;
    }

    private static byte[] nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1).getBytes(StandardCharsets.UTF_8);
    }

    private static String parentOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }
}
