package io.hearth.fuse;

import io.hearth.fuse.tree.GenerationTree;
import io.hearth.fuse.tree.GenerationTreeBuilder;
import io.hearth.protocol.Validator;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.GenerationBuilder;
import io.hearth.protocol.generation.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds trees as a master would list them. */
public final class TestTree {
    public static final long MODIFIED_MS = 1_700_000_000_123L;

    private final List<File> files = new ArrayList<>();

    private record File(String path, long sizeBytes, long seed, long modifiedMs) {}

    public TestTree file(String path, long sizeBytes, long seed) {
        return file(path, sizeBytes, seed, MODIFIED_MS);
    }

    public TestTree file(String path, long sizeBytes, long seed, long modifiedMs) {
        files.add(new File(path, sizeBytes, seed, modifiedMs));
        return this;
    }

    public TestTree directory(String path) {
        return file(path + "/", 0, 0);
    }

    public GenerationTree build() {
        return build(Optional.empty());
    }

    public GenerationTree build(Optional<GenerationTree> previous) {
        GenerationBuilder.Listing listing = listing();
        GenerationTreeBuilder builder = new GenerationTreeBuilder(listing.generation(), previous);
        listing.segments().values().forEach(bytes -> builder.add(Segment.decode(bytes)));
        return builder.build();
    }

    public GenerationBuilder.Listing listing() {
        GenerationBuilder builder = new GenerationBuilder(List.of(new Generation.Mount("", "origin", "models/")));
        for (File file : files) {
            builder.add(0, file.path(), file.sizeBytes(), file.modifiedMs(), validator(file.seed()));
        }
        return builder.build();
    }

    public static Validator validator(long seed) {
        return new Validator.StrongEtag(String.format("\"%032x\"", seed));
    }

    public static long seedOf(Validator validator) {
        return Long.parseLong(validator.text().substring(3, 35), 16);
    }
}
