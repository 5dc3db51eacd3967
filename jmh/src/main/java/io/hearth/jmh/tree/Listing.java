package io.hearth.jmh.tree;

import io.hearth.fuse.tree.GenerationTree;
import io.hearth.fuse.tree.GenerationTreeBuilder;
import io.hearth.protocol.Validator;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A listing with the paths, sizes and ETags of a set of pictures, 1000 a class, made segment by segment as it is asked
 * for.
 *
 * @param files how many there are
 * @param refresh each is another listing, in which {@link #CHANGED_SEGMENTS} of the segments have another file in place
 *     of one
 */
record Listing(int files, int refresh) {
    /** Share of the segments that a refresh changes. */
    static final double CHANGED_SEGMENTS = 0.05;

    private static final int SEGMENT_FILES = 1000;
    private static final long FIRST_MS = 1_700_000_000_000L;

    String path(int file) {
        int label = 1_440_764 + file / SEGMENT_FILES * 977;
        return String.format(Locale.ROOT, "train/n%08d/n%08d_%07d.JPEG", label, label, file);
    }

    GenerationTree tree(Optional<GenerationTree> previous) {
        Generation generation = new Generation(
                Generation.FORMAT_VERSION,
                "refresh " + refresh,
                List.of(new Generation.Mount("", "origin", "imagenet/")),
                List.of(),
                files,
                0,
                0,
                0,
                List.of());
        GenerationTreeBuilder builder = new GenerationTreeBuilder(generation, previous);
        for (int first = 0; first < files; first += SEGMENT_FILES) {
            String id = "segment " + first + (changed(first) ? " of " + refresh : "");
            if (builder.has(id)) {
                builder.reuse(id);
            } else {
                builder.add(new Segment(id, entries(first)));
            }
        }
        return builder.build();
    }

    private boolean changed(int first) {
        return refresh > 0 && new SplittableRandom(first + refresh).nextDouble() < CHANGED_SEGMENTS;
    }

    private List<Entry> entries(int first) {
        List<Entry> entries = new ArrayList<>();
        for (int file = first; file < Math.min(files, first + SEGMENT_FILES); file++) {
            SplittableRandom random = new SplittableRandom(changed(first) && file == first ? -refresh : file);
            byte[] md5 = new byte[16];
            random.nextBytes(md5);
            entries.add(new Entry(
                    path(file),
                    0,
                    false,
                    100_000 + random.nextInt(60_000),
                    FIRST_MS + file * 7_000L,
                    new Validator.StrongEtag('"' + HexFormat.of().formatHex(md5) + '"')));
        }
        return entries;
    }
}
