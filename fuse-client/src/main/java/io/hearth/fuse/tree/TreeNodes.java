package io.hearth.fuse.tree;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Directories and files under one numbering: directories first, the root is 0; then the files in the order of their
 * paths. Immutable, thread-safe.
 */
final class TreeNodes {
    /** A key, a number and an entry of a map. */
    private static final long MAP_ENTRY_BYTES = 64;

    private final InodeHash hash;
    private final Directories directories;
    private final FileRuns runs;
    private final SegmentRows[] segments;

    /** The number of each segment's first file, and of all files at the end. */
    private final int[] firstFiles;

    private final Map<String, Integer> byId = new HashMap<>();

    TreeNodes(InodeHash hash, Directories directories, FileRuns runs, SegmentRows[] segments) {
        this.hash = hash;
        this.directories = directories;
        this.runs = runs;
        this.segments = segments;
        this.firstFiles = new int[segments.length + 1];
        for (int i = 0; i < segments.length; i++) {
            firstFiles[i + 1] = firstFiles[i] + segments[i].files();
            byId.put(segments[i].id(), i);
        }
    }

    /** A file's place. */
    record Place(SegmentRows segment, int index, int row) {
        SegmentRows.Row read() {
            return segment.row(row);
        }

        long versionHash() {
            return segment.inodes()[row];
        }
    }

    int count() {
        return directories.count() + runs.files();
    }

    int directories() {
        return directories.count();
    }

    FileRuns runs() {
        return runs;
    }

    boolean directory(int node) {
        return node < directories.count();
    }

    /** The directory that holds {@code node}; the root holds itself. */
    int parent(int node) {
        return directory(node) ? directories.parents()[node] : runs.directory(node - directories.count());
    }

    byte[] nameBytes(int node) {
        if (directory(node)) {
            return directories.names().bytes(node);
        }
        Place place = place(node);
        return place.segment().name(place.row());
    }

    String name(int node) {
        return new String(nameBytes(node), StandardCharsets.UTF_8);
    }

    int compareName(int node, byte[] other) {
        if (directory(node)) {
            return directories.names().compare(node, other);
        }
        Place place = place(node);
        return place.segment().compareName(place.row(), other);
    }

    /** The hash of a node's path. */
    long pathHash(int node) {
        return directory(node) ? directories.pathHashes()[node] : pathHash(node, place(node));
    }

    /** As {@link #pathHash(int)}, for a file at its place. */
    long pathHash(int node, Place place) {
        return place.segment().pathHash(hash, place.row(), directories.pathHashes()[parent(node)]);
    }

    /** The hash of a node's version. */
    long versionHash(int node) {
        if (node == 0) {
            return directories.pathHashes()[0];
        }
        return directory(node)
                ? hash.directory(directories.pathHashes()[node])
                : place(node).versionHash();
    }

    long modifiedMs(int directory) {
        return directories.modifiedMs()[directory];
    }

    /** Where a file's row is. */
    Place place(int node) {
        int file = node - directories.count();
        int found = Arrays.binarySearch(firstFiles, file);
        int index = found >= 0 ? found : -found - 2;
        while (segments[index].files() == 0) {
            // Markers alone: the file is the first of a later one.
            index++;
        }
        return new Place(segments[index], index, file - firstFiles[index]);
    }

    int segments() {
        return segments.length;
    }

    SegmentRows segment(int index) {
        return segments[index];
    }

    /** The node of a segment's first file. */
    int firstNode(int index) {
        return directories.count() + firstFiles[index];
    }

    /** The place of a segment among this tree's, or -1. */
    int indexOf(String segmentId) {
        return byId.getOrDefault(segmentId, -1);
    }

    long sizeBytes() {
        long bytes = directories.sizeBytes() + runs.sizeBytes() + 4L * firstFiles.length;
        for (SegmentRows segment : segments) {
            bytes += segment.sizeBytes() + MAP_ENTRY_BYTES;
        }
        return bytes;
    }
}
