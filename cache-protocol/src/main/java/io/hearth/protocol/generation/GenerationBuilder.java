package io.hearth.protocol.generation;

import io.hearth.protocol.Validator;
import io.hearth.protocol.generation.Generation.Mount;
import io.hearth.protocol.generation.Generation.SkippedKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns listed keys into a generation: decides which keys are files, sorts them and has segments cut. Some 100 bytes a
 * key. Not thread-safe.
 */
public final class GenerationBuilder {
    private final List<Mount> mounts;
    private final PackedEntries entries = new PackedEntries();
    private final List<SkippedKey> skippedExamples = new ArrayList<>();
    private long skippedKeys;

    /** Takes segments as they are cut, in the order of their paths. */
    @FunctionalInterface
    public interface SegmentSink {
        void segment(String id, byte[] bytes);
    }

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

    /** Cuts the segments and keeps them. Call once. */
    public Listing build() {
        Map<String, byte[]> segments = new LinkedHashMap<>();
        Generation generation = build(segments::put);
        return new Listing(generation, segments);
    }

    /** Cuts the segments and hands them on one by one. Call once. */
    public Generation build(SegmentSink sink) {
        SegmentCutter cutter = new SegmentCutter(sink);
        Set<String> aboveMounts = new HashSet<>();
        mounts.forEach(mount -> addAncestors(mount.path() + "/", aboveMounts));
        int[] order = entries.sorted();
        for (int first = 0; first < order.length; ) {
            int end = first + 1;
            byte[] path = entries.pathBytes(order[first]);
            while (end < order.length && entries.comparePath(order[end], path) == 0) {
                end++;
            }
            boolean above = aboveMounts.contains(new String(path, StandardCharsets.UTF_8));
            chosen(order, first, end, above || hasBelow(order, end, path)).ifPresent(cutter::add);
            first = end;
        }
        return cutter.finish(mounts, skippedKeys, skippedExamples);
    }

    /** Of one path: a file gives way where the path is also a directory; of two keys for one thing one is enough. */
    private Optional<Entry> chosen(int[] order, int first, int end, boolean hasBelow) {
        Optional<Entry> file = Optional.empty();
        Optional<Entry> directory = Optional.empty();
        int files = 0;
        for (int i = first; i < end; i++) {
            Entry entry = entries.get(order[i]);
            files += entry.directory() ? 0 : 1;
            file = entry.directory() || file.isPresent() ? file : Optional.of(entry);
            directory = entry.directory() && directory.isEmpty() ? Optional.of(entry) : directory;
        }
        if (!hasBelow && directory.isEmpty()) {
            return file;
        }
        for (int i = 0; i < files; i++) {
            skip(keyOf(file.orElseThrow()), "is also the directory of other keys");
        }
        return directory;
    }

    /**
     * Whether any of the paths from {@code from} on is below {@code path}. All that begin with it come next, but
     * {@code a-} before {@code a/}.
     */
    private boolean hasBelow(int[] order, int from, byte[] path) {
        if (from == order.length || !entries.startsWith(order[from], path)) {
            return false;
        }
        byte[] below = Arrays.copyOf(path, path.length + 1);
        below[path.length] = '/';
        int low = from;
        int high = order.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.comparePath(order[middle], below) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < order.length && entries.startsWith(order[low], below);
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
}
