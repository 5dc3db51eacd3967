package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.DirectoryEntry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.generation.Generation;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GenerationTreeTest {
    @Test
    void objectsCarryTheirFullKeyAndValidator() {
        GenerationBuilder builder = new GenerationBuilder(
                List.of(new Generation.Mount("a/b", "o1", "p/"), new Generation.Mount("c", "o2", "")));
        builder.add(0, "x/y", 5, 1000, new Validator.VersionId("v7"));
        builder.add(1, "z", 6, 2000, new Validator.LastModified(2000));
        builder.add(1, "w", 7, 3000, new Validator.StrongEtag("\"not-md5-2\""));
        GenerationTree tree = treeOf(builder.build(), Optional.empty());
        assertEquals(
                new ObjectRef("o1", "p/x/y", new Validator.VersionId("v7"), 5), tree.object(tree.resolve("a/b/x/y")));
        assertEquals(new ObjectRef("o2", "z", new Validator.LastModified(2000), 6), tree.object(tree.resolve("c/z")));
        assertEquals(
                new ObjectRef("o2", "w", new Validator.StrongEtag("\"not-md5-2\""), 7),
                tree.object(tree.resolve("c/w")));
        assertEquals(3000, tree.attributes(0).modifiedMs(), "a directory is as young as the youngest below it");
        assertEquals(1000, tree.attributes(tree.resolve("a")).modifiedMs());
    }

    @Test
    void anEmptyGenerationIsAnEmptyRootAndItsMounts() {
        GenerationBuilder builder = new GenerationBuilder(List.of(new Generation.Mount("data", "o", "p/")));
        GenerationTree tree = treeOf(builder.build(), Optional.empty());
        assertEquals(List.of("data"), names(tree, 0));
        assertEquals(List.of(), names(tree, tree.resolve("data")));
    }

    @Test
    void numbersStayWhereNothingChangedAndFollowTheObjectWhereItDid() {
        GenerationTree before =
                new TestTree().file("d/a", 5, 1).file("d/b", 5, 2).build();
        before.shownAt(100);
        GenerationTree after = new TestTree()
                .file("d/a", 5, 1)
                .file("d/b", 5, 3)
                .file("c", 1, 1)
                .build(Optional.of(before));
        after.shownAt(200);
        assertEquals(at(before, "d/a").inode(), at(after, "d/a").inode());
        assertEquals(at(before, "d").inode(), at(after, "d").inode());
        assertNotEquals(at(before, "d/b").inode(), at(after, "d/b").inode());
        assertEquals(at(before, "d/b").displayInode(), at(after, "d/b").displayInode());
        assertEquals(0, at(after, "d/a").sinceNanos());
        assertEquals(200, at(after, "d/b").sinceNanos());
        GenerationTree third =
                new TestTree().file("d/a", 5, 1).file("d/b", 5, 3).build(Optional.of(after));
        third.shownAt(300);
        assertEquals(200, at(third, "d/b").sinceNanos());
    }

    @Test
    void agreesWithAMapOnRandomTrees() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        System.out.println("random trees: seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            Map<String, Long> oracle = new TreeMap<>();
            TestTree source = new TestTree();
            for (int i = 0; i < random.nextInt(400); i++) {
                String path = randomPath(random);
                if (oracle.putIfAbsent(path, (long) i) == null) {
                    source.file(path, i, i);
                }
            }
            // A path that is also a directory gives way, as the master decides.
            oracle.keySet().removeIf(path -> oracle.keySet().stream().anyMatch(other -> other.startsWith(path + "/")));
            GenerationTree tree = source.build();
            Set<Long> inodes = new HashSet<>();
            Map<String, Long> found = new TreeMap<>();
            walk(tree, 0, "", found, inodes);
            assertEquals(oracle, found, "seed " + seed + " round " + round);
            assertEquals(oracle.size(), tree.totals().files());
            assertEquals(
                    inodes.size(), 2 * (tree.totals().files() + tree.totals().directories() - 1));
            assertEquals(GenerationTree.NONE, tree.resolve("no/such"));
        }
    }

    @Test
    void aFileTakesAtMost200Bytes() {
        TestTree source = new TestTree();
        int files = 50_000;
        for (int i = 0; i < files; i++) {
            source.file(String.format("train/class%03d/image-%08d.jpeg", i / 500, i), 100_000 + i, i);
        }
        GenerationTree tree = source.build();
        long perFile = tree.heapBytes() / files;
        assertTrue(perFile <= 200, perFile + " bytes a file");
        System.out.println(perFile + " bytes a file in a tree of " + files);
    }

    private static String randomPath(Random random) {
        String[] words = {"a", "a-b", "a.b", "b", "ä", "文", "\uD83D\uDD25", "z z", "A"};
        int depth = 1 + random.nextInt(4);
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            parts.add(words[random.nextInt(words.length)]);
        }
        return String.join("/", parts);
    }

    private static void walk(GenerationTree tree, int node, String path, Map<String, Long> found, Set<Long> inodes) {
        List<String> names = names(tree, node);
        List<String> sorted = new ArrayList<>(names);
        sorted.sort((a, b) ->
                Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
        assertEquals(sorted, names);
        for (int i = 0; i < names.size(); i++) {
            String below = path.isEmpty() ? names.get(i) : path + "/" + names.get(i);
            int child = tree.child(node, names.get(i));
            Attributes attributes = tree.attributes(child);
            DirectoryEntry entry = tree.entry(node, i);
            assertEquals(child, tree.resolve(below));
            assertEquals(child, tree.find(attributes.inode()));
            assertEquals(attributes.inode(), entry.inode());
            assertEquals(below, tree.path(child));
            assertTrue(inodes.add(attributes.inode()));
            assertTrue(inodes.add(~attributes.displayInode()));
            if (attributes.directory()) {
                walk(tree, child, below, found, inodes);
            } else {
                found.put(below, attributes.sizeBytes());
                assertEquals("models/" + below, tree.object(child).key());
            }
        }
    }

    private static List<String> names(GenerationTree tree, int node) {
        return IntStream.range(0, tree.children(node))
                .mapToObj(i -> tree.entry(node, i).name())
                .toList();
    }

    private static Attributes at(GenerationTree tree, String path) {
        return tree.attributes(tree.resolve(path));
    }

    private static GenerationTree treeOf(GenerationBuilder.Listing listing, Optional<GenerationTree> previous) {
        GenerationTreeBuilder builder = new GenerationTreeBuilder(listing.generation(), previous);
        listing.segments()
                .values()
                .forEach(bytes -> builder.add(Segment.decode(bytes).entries()));
        return builder.build();
    }
}
