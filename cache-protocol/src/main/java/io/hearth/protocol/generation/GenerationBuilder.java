package io.hearth.protocol.generation;

import io.hearth.protocol.Validator;
import io.hearth.protocol.generation.Generation.Mount;
import io.hearth.protocol.generation.Generation.SegmentRef;
import io.hearth.protocol.generation.Generation.SkippedKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns listed keys into a generation: decides which keys are files, sorts them and cuts segments.
 *
 * <p>Segment borders depend on the paths alone (a path whose hash has ten low zero bits starts one), so that a changed,
 * added or removed key changes one segment, not all that follow. Not thread-safe.
 */
public final class GenerationBuilder {
    private static final int BORDER_MASK = (1 << 10) - 1;

    private final List<Mount> mounts;
    private final List<Entry> entries = new ArrayList<>();
    private final List<SkippedKey> skippedExamples = new ArrayList<>();
    private long skippedKeys;

    /** A finished listing: the manifest and the bytes of each segment by id. */
    public record Listing(Generation generation, Map<String, byte[]> segments) {}

    public GenerationBuilder(List<Mount> mounts) {
        this.mounts = List.copyOf(mounts);
    }

    /**
     * Adds one key of {@code mount}.
     *
     * @param belowPrefix the key without the mount's prefix; one that ends with {@code /} is a directory's marker
     */
    public void add(int mount, String belowPrefix, long sizeBytes, long modifiedMs, Validator validator) {
        String key = mounts.get(mount).keyPrefix() + belowPrefix;
        boolean directory = belowPrefix.endsWith("/");
        String name = directory ? belowPrefix.substring(0, belowPrefix.length() - 1) : belowPrefix;
        if (belowPrefix.isEmpty()) {
            return; // The marker of the mount's own directory.
        }
        Optional<String> objection = KeyRules.objection(name);
        if (objection.isPresent()) {
            skip(key, objection.get());
            return;
        }
        if (directory && sizeBytes > 0) {
            skip(key, "ends with '/' but holds " + sizeBytes + " bytes; it is shown as a directory");
        }
        String mountPath = mounts.get(mount).path();
        String path = mountPath.isEmpty() ? name : mountPath + "/" + name;
        if (shadowed(mount, path)) {
            skip(key, "stands where another mount of the dataset is");
            return;
        }
        entries.add(new Entry(path, mount, directory, directory ? 0 : sizeBytes, modifiedMs, validator));
    }

    /** Cuts the segments. Call once. */
    public Listing build() {
        List<Entry> kept = withoutHiddenFiles();
        kept.sort(Comparator.comparing(Entry::path));
        Map<String, byte[]> segments = new LinkedHashMap<>();
        List<SegmentRef> refs = new ArrayList<>();
        List<Entry> run = new ArrayList<>();
        for (Entry entry : kept) {
            if (!run.isEmpty() && (run.size() == Segment.ENTRIES_MAX || startsSegment(entry.path()))) {
                cut(run, refs, segments);
            }
            run.add(entry);
        }
        if (!run.isEmpty()) {
            cut(run, refs, segments);
        }
        long files = kept.stream().filter(entry -> !entry.directory()).count();
        long bytes = kept.stream().mapToLong(Entry::sizeBytes).sum();
        long weak = kept.stream()
                .filter(entry -> !entry.directory() && entry.validator().weak())
                .count();
        Generation generation = new Generation(
                Generation.FORMAT_VERSION,
                Generation.idOf(mounts, refs),
                mounts,
                List.copyOf(refs),
                files,
                bytes,
                weak,
                skippedKeys,
                List.copyOf(skippedExamples));
        return new Listing(generation, segments);
    }

    private static void cut(List<Entry> run, List<SegmentRef> refs, Map<String, byte[]> segments) {
        byte[] bytes = Segment.encode(run);
        String id = Segment.idOf(bytes);
        refs.add(new SegmentRef(id, run.size()));
        segments.put(id, bytes);
        run.clear();
    }

    /** Files whose path is also a directory give way to it; of two keys for one directory one is enough. */
    private List<Entry> withoutHiddenFiles() {
        Set<String> directories = new HashSet<>();
        for (Mount mount : mounts) {
            addAncestors(mount.path() + "/", directories);
        }
        for (Entry entry : entries) {
            addAncestors(entry.directory() ? entry.path() + "/" : entry.path(), directories);
        }
        Set<String> seen = new HashSet<>();
        List<Entry> kept = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            if (!entry.directory() && directories.contains(entry.path())) {
                skip(keyOf(entry), "is also the directory of other keys");
            } else if (seen.add(entry.path())) {
                kept.add(entry);
            }
        }
        return kept;
    }

    private static void addAncestors(String path, Set<String> directories) {
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            if (!directories.add(path.substring(0, slash))) {
                return;
            }
        }
    }

    /** Whether a mount that lies deeper than {@code mount} covers {@code path}. */
    private boolean shadowed(int mount, String path) {
        for (int other = 0; other < mounts.size(); other++) {
            String root = mounts.get(other).path();
            boolean deeper = root.length() > mounts.get(mount).path().length();
            if (other != mount && deeper && (path.equals(root) || path.startsWith(root + "/"))) {
                return true;
            }
        }
        return false;
    }

    private String keyOf(Entry entry) {
        String root = mounts.get(entry.mount()).path();
        return mounts.get(entry.mount()).keyPrefix() + entry.path().substring(root.isEmpty() ? 0 : root.length() + 1);
    }

    private void skip(String key, String reason) {
        skippedKeys++;
        if (skippedExamples.size() < Generation.SKIPPED_EXAMPLES_MAX) {
            skippedExamples.add(new SkippedKey(key, reason));
        }
    }

    private static boolean startsSegment(String path) {
        int hash = path.hashCode();
        hash ^= hash >>> 16;
        return ((hash * 0x85ebca6b >>> 13) & BORDER_MASK) == 0;
    }
}
