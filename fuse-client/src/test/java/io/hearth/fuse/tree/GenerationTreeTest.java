package io.hearth.fuse.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.TestTree;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.GenerationBuilder;
import io.hearth.protocol.generation.Segment;
import java.util.List;
import java.util.Optional;
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
    void aMillionFilesWouldTakeAtMost75BytesEach() {
        int files = 200_000;
        GenerationBuilder builder = new GenerationBuilder(List.of(new Generation.Mount("", "o", "imagenet/")));
        for (int i = 0; i < files; i++) {
            int label = 1_440_764 + i / 1000 * 977;
            builder.add(
                    0,
                    String.format("train/n%08d/n%08d_%d.JPEG", label, label, i),
                    100_000 + i % 60_000,
                    1_700_000_000_000L + i * 7_000L,
                    new Validator.StrongEtag(String.format("\"%032x\"", i * 0x9e3779b97f4a7c15L)));
        }
        GenerationTree tree = treeOf(builder.build(), Optional.empty());
        long perFile = tree.sizeBytes() / files;
        System.out.println(perFile + " bytes a file in a tree of " + files);
        // The table of what the kernel remembers takes 75 more at most: 150 in all.
        assertTrue(perFile <= 75, perFile + " bytes a file");
    }

    @Test
    void aListingOutOfOrderIsRefused() {
        Generation generation = new TestTree().file("a", 1, 1).listing().generation();
        GenerationTreeBuilder builder = new GenerationTreeBuilder(generation, Optional.empty());
        builder.add(segment("b"));
        assertThrows(HearthException.class, () -> builder.add(segment("a/b")));
        assertThrows(HearthException.class, () -> builder.add(segment("b")));
        assertThrows(HearthException.class, () -> builder.add(segment("c//d")));
        assertThrows(HearthException.class, () -> builder.add(segment("d/")));
    }

    private static Segment segment(String path) {
        return new Segment("id of " + path, List.of(new Entry(path, 0, false, 1, 1, TestTree.validator(1))));
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
        listing.segments().values().forEach(bytes -> builder.add(Segment.decode(bytes)));
        return builder.build();
    }
}
