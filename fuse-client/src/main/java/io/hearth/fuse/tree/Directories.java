package io.hearth.fuse.tree;

/**
 * The directories by number; 0 is the root. About 50 bytes each and the name. Immutable, thread-safe.
 *
 * @param names of each, the root's empty
 * @param parents the number of the directory that holds it; the root holds itself
 * @param pathHashes of their paths; the root's is {@link io.hearth.fuse.FuseFileSystem#ROOT}
 * @param modifiedMs latest of what is below
 */
record Directories(TextColumn names, int[] parents, long[] pathHashes, long[] modifiedMs) {
    int count() {
        return parents.length;
    }

    long sizeBytes() {
        return names.sizeBytes() + (4L + 8 + 8) * count();
    }
}
