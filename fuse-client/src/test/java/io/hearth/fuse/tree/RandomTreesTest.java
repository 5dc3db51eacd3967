package io.hearth.fuse.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.DirectoryEntry;
import io.hearth.protocol.Validator;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation.Mount;
import io.hearth.protocol.generation.GenerationBuilder;
import io.hearth.protocol.generation.Segment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Random trees and refreshes of them against sorted maps. */
class RandomTreesTest {
    private static final int TREES = 40;
    private static final int REFRESHES = 4;
    private static final long FEW_NUMBERS = (1 << 12) - 1;

    private final long seed = Long.getLong("hearth.test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** A key and what of it matters. */
    private record Version(long sizeBytes, long modifiedMs, Validator validator) {}

    @Test
    void agreeWithAMapAlsoWhenTheyAreRefreshed() {
        plans(InodeHash.ALL_BITS);
    }

    @Test
    void agreeWithAMapWhereHashesCollide() {
        plans(new InodeHash(FEW_NUMBERS));
    }

    private void plans(InodeHash hash) {
        System.out.println("random trees: seed " + seed);
        for (int round = 0; round < TREES; round++) {
            Map<String, Version> keys = new TreeMap<>();
            Optional<GenerationTree> before = Optional.empty();
            Map<String, Attributes> shown = Map.of();
            for (int refresh = 0; refresh <= REFRESHES; refresh++) {
                change(keys, refresh == 0 ? 300 : 20);
                GenerationTree tree = tree(keys, before, hash);
                tree.shownAt(1000 + refresh);
                Map<String, Attributes> now = check(tree, keys);
                if (before.isPresent() && hash.equals(InodeHash.ALL_BITS)) {
                    checkRefresh(before.get(), shown, tree, now, 1000 + refresh);
                }
                before = Optional.of(tree);
                shown = now;
            }
        }
    }

    private void change(Map<String, Version> keys, int changes) {
        for (int i = random.nextInt(changes + 1); i > 0; i--) {
            String path = randomPath() + (random.nextInt(8) == 0 ? "/" : "");
            if (random.nextInt(4) == 0) {
                keys.remove(path);
            } else {
                long size =
                        path.endsWith("/") ? 0 : random.nextInt(4) == 0 ? random.nextLong() >>> 20 : random.nextInt(9);
                keys.put(path, new Version(size, randomTime(), randomValidator()));
            }
        }
    }

    private long randomTime() {
        return 1_700_000_000_000L + random.nextInt(1000) * 1000L + (random.nextBoolean() ? random.nextInt(1000) : 0);
    }

    private Validator randomValidator() {
        String md5 = String.format("%032x", random.nextLong() >>> 1);
        return switch (random.nextInt(6)) {
            case 0 -> new Validator.LastModified(random.nextInt());
            case 1 -> new Validator.VersionId("version " + random.nextInt(5));
            case 2 -> new Validator.StrongEtag("\"" + md5 + "-" + (1 + random.nextInt(9999)) + "\"");
            case 3 -> new Validator.StrongEtag("\"" + md5 + "-0" + random.nextInt(5) + "\"");
            default -> new Validator.StrongEtag("\"" + md5 + "\"");
        };
    }

    private String randomPath() {
        String[] words = {"a", "a-b", "a.b", "b", "ä", "文", "\uD83D\uDD25", "\uFF5E", "z z", "A"};
        return String.join(
                "/",
                Stream.generate(() -> words[random.nextInt(words.length)])
                        .limit(1 + random.nextInt(4))
                        .toList());
    }

    private GenerationTree tree(Map<String, Version> keys, Optional<GenerationTree> before, InodeHash hash) {
        GenerationBuilder listing =
                new GenerationBuilder(List.of(new Mount("", "o", "p/"), new Mount("a/b", "o2", "")));
        keys.forEach(
                (key, version) -> listing.add(0, key, version.sizeBytes(), version.modifiedMs(), version.validator()));
        GenerationBuilder.Listing listed = listing.build();
        GenerationTreeBuilder builder = new GenerationTreeBuilder(listed.generation(), before, hash);
        for (Segment segment : small(listed)) {
            if (builder.has(segment.id())) {
                builder.reuse(segment.id());
            } else {
                builder.add(segment);
            }
        }
        return builder.build();
    }

    /**
     * The listing in segments of some eight entries; their borders depend on the paths alone, as those of a master do.
     */
    private static List<Segment> small(GenerationBuilder.Listing listed) {
        List<Segment> segments = new ArrayList<>();
        List<Entry> run = new ArrayList<>();
        for (byte[] bytes : listed.segments().values()) {
            for (Entry entry : Segment.decode(bytes).entries()) {
                if (!run.isEmpty() && entry.path().hashCode() % 8 == 0) {
                    segments.add(Segment.decode(Segment.encode(run)));
                    run.clear();
                }
                run.add(entry);
            }
        }
        if (!run.isEmpty()) {
            segments.add(Segment.decode(Segment.encode(run)));
        }
        return segments;
    }

    /** Compares every answer with the map's. @return attributes by path */
    private Map<String, Attributes> check(GenerationTree tree, Map<String, Version> keys) {
        // A path that is also a directory gives way, and the other mount covers what is below it, as the master
        // decides.
        Map<String, Version> files = new TreeMap<>();
        Set<String> directories = new HashSet<>(Set.of("a", "a/b"));
        Set<String> named = new HashSet<>(keys.keySet());
        named.removeIf(key -> (key + "/").startsWith("a/b/"));
        for (String key : named) {
            for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
                directories.add(key.substring(0, slash));
            }
        }
        named.stream()
                .filter(key -> !key.endsWith("/") && !directories.contains(key))
                .forEach(key -> files.put(key, keys.get(key)));
        Map<String, Attributes> found = new TreeMap<>();
        found.put("", tree.attributes(0));
        walk(tree, 0, "", found);
        assertEquals(files.size() + directories.size() + 1, found.size(), () -> "seed " + seed);
        found.forEach((path, attributes) -> {
            Version version = files.get(path);
            assertEquals(version == null, attributes.directory(), () -> path + " seed " + seed);
            if (version != null) {
                assertEquals(version.sizeBytes(), attributes.sizeBytes());
                assertEquals(version.modifiedMs(), attributes.modifiedMs());
                assertEquals(
                        version.validator(), tree.object(tree.resolve(path)).validator());
                assertEquals("p/" + path, tree.object(tree.resolve(path)).key());
            }
        });
        assertEquals(files.size(), tree.totals().files());
        assertEquals(directories.size() + 1, tree.totals().directories());
        assertEquals(
                files.values().stream().mapToLong(Version::sizeBytes).sum(),
                tree.totals().bytes());
        assertEquals(GenerationTree.NONE, tree.resolve("no/such"));
        return found;
    }

    private void walk(GenerationTree tree, int node, String path, Map<String, Attributes> found) {
        List<byte[]> names = new ArrayList<>();
        for (int i = 0; i < tree.children(node); i++) {
            DirectoryEntry entry = tree.entry(node, i);
            names.add(entry.name().getBytes(StandardCharsets.UTF_8));
            int child = tree.child(node, entry.name());
            Attributes attributes = tree.attributes(child);
            String below = path.isEmpty() ? entry.name() : path + "/" + entry.name();
            assertEquals(child, tree.childAt(node, i));
            assertEquals(child, tree.resolve(below));
            assertEquals(child, tree.find(attributes.inode()));
            assertEquals(below, tree.path(child));
            assertEquals(attributes.inode(), entry.inode());
            assertEquals(attributes.displayInode(), entry.displayInode());
            found.put(below, attributes);
            if (attributes.directory()) {
                walk(tree, child, below, found);
            }
        }
        assertTrue(
                Arrays.equals(
                        names.stream().sorted(Arrays::compareUnsigned).toArray(byte[][]::new),
                        names.toArray(byte[][]::new),
                        Arrays::compareUnsigned),
                () -> "the order below '" + path + "' seed " + seed);
        if (node == 0) {
            Set<Long> inodes = new HashSet<>();
            Set<Long> shown = new HashSet<>();
            found.values().forEach(attributes -> {
                assertTrue(inodes.add(attributes.inode()), () -> "seed " + seed);
                assertTrue(shown.add(attributes.displayInode()), () -> "seed " + seed);
                assertTrue(
                        attributes.inode() >= FuseFileSystem.ROOT && attributes.displayInode() >= FuseFileSystem.ROOT);
            });
        }
    }

    private void checkRefresh(
            GenerationTree before,
            Map<String, Attributes> then,
            GenerationTree after,
            Map<String, Attributes> now,
            long shownAt) {
        Set<String> expected = new HashSet<>();
        now.forEach((path, attributes) -> {
            Attributes old = then.get(path);
            if (old == null || old.inode() != attributes.inode()) {
                expected.add(parentInode(now, path) + " " + nameOf(path));
                assertEquals(shownAt, attributes.sinceNanos(), () -> path + " seed " + seed);
            } else {
                assertEquals(old.sinceNanos(), attributes.sinceNanos(), () -> path + " seed " + seed);
            }
            if (old != null) {
                assertEquals(old.displayInode(), attributes.displayInode());
            }
        });
        then.forEach((path, attributes) -> {
            if (!now.containsKey(path) || now.get(path).inode() != attributes.inode()) {
                expected.add(parentInode(then, path) + " " + nameOf(path));
            }
        });
        Set<String> told = new HashSet<>();
        new TreeChanges(before, after).forEach((parent, name) -> told.add(parent + " " + name));
        assertEquals(expected, told, () -> "seed " + seed);
    }

    private static long parentInode(Map<String, Attributes> nodes, String path) {
        return nodes.get(path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "")
                .inode();
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
