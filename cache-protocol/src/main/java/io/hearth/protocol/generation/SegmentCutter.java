package io.hearth.protocol.generation;

import io.hearth.protocol.generation.Generation.Mount;
import io.hearth.protocol.generation.Generation.SegmentRef;
import io.hearth.protocol.generation.Generation.SkippedKey;
import io.hearth.protocol.generation.GenerationBuilder.SegmentSink;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts entries that come in order into segments, and counts them. Borders depend on the paths alone (a path whose hash
 * has ten low zero bits starts one), so that a changed, added or removed key changes one segment, not all that follow.
 * Not thread-safe.
 */
final class SegmentCutter {
    private static final int BORDER_MASK = (1 << 10) - 1;

    private final SegmentSink sink;
    private final List<SegmentRef> refs = new ArrayList<>();
    private final List<Entry> run = new ArrayList<>();
    private long files;
    private long bytes;
    private long weak;

    SegmentCutter(SegmentSink sink) {
        this.sink = sink;
    }

    void add(Entry entry) {
        if (!run.isEmpty() && (run.size() == Segment.ENTRIES_MAX || startsSegment(entry.path()))) {
            cut();
        }
        run.add(entry);
        if (!entry.directory()) {
            files++;
            bytes += entry.sizeBytes();
            weak += entry.validator().weak() ? 1 : 0;
        }
    }

    /** Cuts the last segment and gives the manifest. */
    Generation finish(List<Mount> mounts, long skippedKeys, List<SkippedKey> skippedExamples) {
        if (!run.isEmpty()) {
            cut();
        }
        return new Generation(
                Generation.FORMAT_VERSION,
                Generation.idOf(mounts, refs),
                mounts,
                List.copyOf(refs),
                files,
                bytes,
                weak,
                skippedKeys,
                List.copyOf(skippedExamples));
    }

    private void cut() {
        byte[] segment = Segment.encode(run);
        String id = Segment.idOf(segment);
        refs.add(new SegmentRef(id, run.size()));
        run.clear();
        sink.segment(id, segment);
    }

    private static boolean startsSegment(String path) {
        int hash = path.hashCode();
        hash ^= hash >>> 16;
        return ((hash * 0x85ebca6b >>> 13) & BORDER_MASK) == 0;
    }
}
