package io.hearth.fuse.tree;

import io.hearth.fuse.FuseFileSystem.Totals;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Numbers;
import io.hearth.protocol.generation.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds a {@link GenerationTree} from segments in the generation's order. Each is packed as it comes, so that beside
 * the tree itself one decoded segment is all that is needed, and 8 bytes a file at the end. Not thread-safe.
 */
public final class GenerationTreeBuilder {
    private final Generation generation;
    private final Optional<GenerationTree> previous;
    private final InodeHash hash;
    private final DirectoryStack directories;
    private final List<SegmentRows> segments = new ArrayList<>();
    private final Numbers runFirsts = new Numbers();
    private final Numbers runDirectories = new Numbers();
    private int files;
    private long bytes;
    private String last = "";

    /**
     * @param previous the tree that this one follows: tells which paths have a new object, and has segments to share
     */
    public GenerationTreeBuilder(Generation generation, Optional<GenerationTree> previous) {
        this(generation, previous, InodeHash.ALL_BITS);
    }

    GenerationTreeBuilder(Generation generation, Optional<GenerationTree> previous, InodeHash hash) {
        this.generation = generation;
        this.previous = previous;
        this.hash = hash;
        this.directories = new DirectoryStack(
                hash, generation.mounts().stream().map(Generation.Mount::path).toList());
    }

    /** Whether the tree before has that segment: it can be reused then. */
    public boolean has(String segmentId) {
        return previous.isPresent() && previous.get().nodes().indexOf(segmentId) != GenerationTree.NONE;
    }

    /** Takes the next segment from the tree before, which has it. */
    public GenerationTreeBuilder reuse(String segmentId) {
        GenerationTree before = previous.orElseThrow();
        reuse(before, before.nodes().indexOf(segmentId));
        return this;
    }

    /**
     * Adds the next segment.
     *
     * @throws HearthException if it is not the next, or names what the generation does not have
     */
    public GenerationTreeBuilder add(Segment segment) {
        List<Entry> entries = segment.entries();
        if (entries.isEmpty()) {
            return this;
        }
        SegmentRowsWriter rows = new SegmentRowsWriter(hash, entries);
        for (Entry entry : entries) {
            follow(entry.path(), entry.path());
            if (entry.directory()) {
                directories.marker(entry.path(), entry.modifiedMs());
                rows.marker(entry);
            } else {
                int directory = directories.enter(DirectoryStack.parentOf(entry.path()));
                directories.modified(directory, entry.modifiedMs());
                rows.file(entry, directories.pathHash(directory));
                addFile(directory, entry.sizeBytes());
            }
        }
        segments.add(checked(rows.finish(segment.id())));
        return this;
    }

    /** The tree. Call once. */
    public GenerationTree build() {
        TreeNodes nodes = new TreeNodes(
                hash,
                directories.finish(),
                new FileRuns(runFirsts.toArray(), runDirectories.toArray(), files),
                segments.toArray(SegmentRows[]::new));
        Totals totals = new Totals(files, nodes.directories(), bytes);
        return new GenerationTree(generation, nodes, hash, totals, previous);
    }

    private void reuse(GenerationTree before, int place) {
        SegmentRows rows = checked(before.nodes().segment(place));
        follow(rows.firstPath(), rows.lastPath());
        int first = before.nodes().firstNode(place);
        int marker = 0;
        int knownParent = GenerationTree.NONE;
        int directory = 0;
        for (int row = 0; row <= rows.files(); row++) {
            while (marker < rows.markers().size() && rows.markers().get(marker).before() == row) {
                SegmentRows.Marker named = rows.markers().get(marker++);
                directories.marker(named.path(), named.modifiedMs());
            }
            if (row < rows.files()) {
                int parent = before.parent(first + row);
                if (parent != knownParent) {
                    directory = directories.enter(before.path(parent));
                    knownParent = parent;
                }
                SegmentRows.Row file = rows.row(row);
                directories.modified(directory, file.modifiedMs());
                addFile(directory, file.sizeBytes());
            }
        }
        segments.add(rows);
    }

    private void addFile(int directory, long sizeBytes) {
        if (runDirectories.count() == 0 || runDirectories.last() != directory) {
            runFirsts.add(files);
            runDirectories.add(directory);
        }
        files++;
        bytes += sizeBytes;
    }

    /** Notes the next path, or the first and the last of some. */
    private void follow(String first, String next) {
        if (first.compareTo(last) <= 0) {
            throw new HearthException(
                    FailureKind.CORRUPT, "the listing " + generation.id() + " does not come in the order of its paths");
        }
        last = next;
    }

    private SegmentRows checked(SegmentRows rows) {
        if (rows.mountMax() >= generation.mounts().size()) {
            throw new HearthException(
                    FailureKind.INVALID, "generation " + generation.id() + " names a mount that it has not");
        }
        return rows;
    }
}
