package io.hearth.protocol.generation;

import io.hearth.protocol.Digests;
import io.hearth.protocol.ObjectRef;
import java.util.HexFormat;
import java.util.List;

/**
 * One immutable listing of a dataset: where its mounts are and which segments list their files.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param id SHA-256 over mounts and segments, in hexadecimal: equal listings have equal ids
 * @param mounts the dataset's mounts in declared order
 * @param segments in path order
 * @param files number of files, directories not counted
 * @param bytes sum of the files' sizes
 * @param weakFiles files whose only validator is time and size
 * @param skippedKeys number of keys that are no file names and so are not in the tree
 * @param skippedExamples at most {@link #SKIPPED_EXAMPLES_MAX} of them, with reasons
 */
public record Generation(
        int formatVersion,
        String id,
        List<Mount> mounts,
        List<SegmentRef> segments,
        long files,
        long bytes,
        long weakFiles,
        long skippedKeys,
        List<SkippedKey> skippedExamples) {
    /** Version of the manifest's form. */
    public static final int FORMAT_VERSION = 1;

    /** Most skipped keys that are kept by name. */
    public static final int SKIPPED_EXAMPLES_MAX = 20;

    /**
     * An origin's place in the tree.
     *
     * @param path from the root, without slashes at its ends; empty for the root itself
     * @param origin the origin id under which its objects are cached
     * @param keyPrefix what stands before the path below the mount to give the key
     */
    public record Mount(String path, String origin, String keyPrefix) {}

    /** A segment by digest, with its number of entries. */
    public record SegmentRef(String id, int entries) {}

    /** A key that is not in the tree, and why. */
    public record SkippedKey(String key, String reason) {}

    /** The id of a listing. */
    static String idOf(List<Mount> mounts, List<SegmentRef> segments) {
        Digests digest = Digests.start().field(FORMAT_VERSION).field(mounts.size());
        for (Mount mount : mounts) {
            digest.field(mount.path()).field(mount.origin()).field(mount.keyPrefix());
        }
        for (SegmentRef segment : segments) {
            digest.field(segment.id());
        }
        return HexFormat.of().formatHex(digest.finish());
    }

    /** The object behind a file entry. */
    public ObjectRef object(Entry entry) {
        Mount mount = mounts.get(entry.mount());
        int below = mount.path().isEmpty() ? 0 : mount.path().length() + 1;
        return new ObjectRef(
                mount.origin(),
                mount.keyPrefix() + entry.path().substring(below),
                entry.validator(),
                entry.sizeBytes());
    }
}
