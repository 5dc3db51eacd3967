package io.hearth.fuse.tree;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Since when each node shows its version: a column for the directories and one a segment. Thread-safe. */
final class VersionHistory {
    private final TreeNodes nodes;
    private final VersionTimes directories;
    private final VersionTimes[] segments;
    private final AtomicLong shownAt = new AtomicLong();

    /** @param previous the tree that was shown before; a segment that it has too keeps its times */
    VersionHistory(TreeNodes nodes, InodeIndex index, Optional<GenerationTree> previous) {
        this.nodes = nodes;
        this.segments = new VersionTimes[nodes.segments()];
        if (previous.isEmpty()) {
            directories = VersionTimes.FROM_THE_START;
            Arrays.fill(segments, VersionTimes.FROM_THE_START);
            return;
        }
        GenerationTree before = previous.get();
        directories = compared(before, index, 0, nodes.directories());
        for (int i = 0; i < segments.length; i++) {
            Optional<VersionTimes> kept = index.plain() ? before.timesOf(nodes.segment(i)) : Optional.empty();
            segments[i] = kept.isPresent()
                    ? kept.get()
                    : compared(
                            before, index, nodes.firstNode(i), nodes.segment(i).files());
        }
    }

    private VersionTimes compared(GenerationTree before, InodeIndex index, int first, int count) {
        long[] since = new long[count];
        boolean plain = true;
        for (int i = 0; i < count; i++) {
            int same = before.find(index.inode(first + i));
            since[i] = same == GenerationTree.NONE ? VersionTimes.NEW : before.sinceNanos(same);
            plain &= since[i] == VersionTimes.START;
        }
        return plain ? VersionTimes.FROM_THE_START : new VersionTimes(since, shownAt);
    }

    /** 0 for from the start. */
    long sinceNanos(int node) {
        return nodes.directory(node) ? directories.at(node) : sinceNanos(nodes.place(node));
    }

    /** As {@link #sinceNanos(int)}, of a file at its place. */
    long sinceNanos(TreeNodes.Place place) {
        return segments[place.index()].at(place.row());
    }

    VersionTimes ofSegment(int index) {
        return segments[index];
    }

    /** What is new is shown from now on. */
    void shownAt(long nanoTime) {
        shownAt.set(nanoTime == VersionTimes.START ? 1 : nanoTime);
    }

    long sizeBytes() {
        long bytes = directories.sizeBytes() + 4L * segments.length;
        for (VersionTimes segment : segments) {
            bytes += segment.sizeBytes();
        }
        return bytes;
    }
}
