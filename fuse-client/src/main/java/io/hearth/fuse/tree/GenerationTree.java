package io.hearth.fuse.tree;

import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.DirectoryEntry;
import io.hearth.fuse.FuseFileSystem.Totals;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A generation as a tree: about 65 bytes a file with names of 20 characters and MD5 ETags, so that a million files fit
 * a mount. Immutable but for the time of its switch; thread-safe.
 *
 * <p>Nodes are numbers; 0 is the root. A file's {@code st_ino} and its inode are computed from its row where they are
 * asked for.
 */
public final class GenerationTree {
    /** No such node. */
    public static final int NONE = -1;

    private final Generation generation;
    private final TreeNodes nodes;
    private final Children children;
    private final InodeIndex index;
    private final VersionHistory history;
    private final Totals totals;

    GenerationTree(
            Generation generation, TreeNodes nodes, InodeHash hash, Totals totals, Optional<GenerationTree> previous) {
        this.generation = generation;
        this.nodes = nodes;
        this.children = Children.of(nodes);
        this.index = new InodeIndex(nodes, hash);
        this.history = new VersionHistory(nodes, index, previous);
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
        int low = 0;
        int high = children.count(node) - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int child = children.at(node, middle);
            int order = nodes.compareName(child, wanted);
            if (order == 0) {
                return child;
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
        return index.find(inode);
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
        return nodes.directory(node);
    }

    /** Number of a directory's children. */
    public int children(int node) {
        return children.count(node);
    }

    /** The child of a directory by its place in the order of the names' bytes. */
    public int childAt(int node, int place) {
        return children.at(node, place);
    }

    /** The entry of a directory's child by its place in the listing. */
    public DirectoryEntry entry(int node, int place) {
        int child = childAt(node, place);
        return new DirectoryEntry(nodes.name(child), index.inode(child), index.displayInode(child), directory(child));
    }

    public Attributes attributes(int node) {
        if (directory(node)) {
            return new Attributes(
                    index.inode(node),
                    index.displayInode(node),
                    true,
                    0,
                    nodes.modifiedMs(node),
                    history.sinceNanos(node));
        }
        TreeNodes.Place place = nodes.place(node);
        SegmentRows.Row row = place.read();
        return new Attributes(
                index.inode(node, place.versionHash()),
                index.displayInode(node, nodes.pathHash(node, place)),
                false,
                row.sizeBytes(),
                row.modifiedMs(),
                history.sinceNanos(place));
    }

    /** The object of a file. */
    public ObjectRef object(int node) {
        TreeNodes.Place place = nodes.place(node);
        SegmentRows.Row row = place.read();
        return generation.object(new Entry(
                path(node),
                row.mount(),
                false,
                row.sizeBytes(),
                row.modifiedMs(),
                place.segment().validator(place.row())));
    }

    /** The path from the root, without a leading slash. */
    public String path(int node) {
        if (node == 0) {
            return "";
        }
        String above = path(parent(node));
        String name = name(node);
        return above.isEmpty() ? name : above + "/" + name;
    }

    /** Says that this tree is shown from now on; call at the switch. */
    public void shownAt(long nanoTime) {
        history.shownAt(nanoTime);
    }

    /** Bytes that the tree takes in memory, those included that it shares with another. */
    public long sizeBytes() {
        return nodes.sizeBytes() + children.sizeBytes() + index.sizeBytes() + history.sizeBytes();
    }

    /** When the version of {@code node} took its path; 0 for from the start. */
    long sinceNanos(int node) {
        return history.sinceNanos(node);
    }

    public long inode(int node) {
        return index.inode(node);
    }

    /** The directory that holds {@code node}; the root holds itself. */
    public int parent(int node) {
        return nodes.parent(node);
    }

    public String name(int node) {
        return nodes.name(node);
    }

    TreeNodes nodes() {
        return nodes;
    }

    /** Since when the files of {@code segment} show their versions, if this tree has that very segment. */
    Optional<VersionTimes> timesOf(SegmentRows segment) {
        int place = index.plain() ? nodes.indexOf(segment.id()) : NONE;
        return place != NONE && nodes.segment(place) == segment
                ? Optional.of(history.ofSegment(place))
                : Optional.empty();
    }

    /** Visits the directories but the root, and the files whose segment {@code other} does not have. */
    void forEachNotSharedWith(GenerationTree other, IntConsumer visitor) {
        for (int directory = 1; directory < nodes.directories(); directory++) {
            visitor.accept(directory);
        }
        for (int i = 0; i < nodes.segments(); i++) {
            SegmentRows segment = nodes.segment(i);
            if (!index.plain() || other.timesOf(segment).isEmpty()) {
                for (int row = 0; row < segment.files(); row++) {
                    visitor.accept(nodes.firstNode(i) + row);
                }
            }
        }
    }

    @Override
    public String toString() {
        return "tree of generation " + generation.id() + " (" + totals.files() + " files)";
    }
}
