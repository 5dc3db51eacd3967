package io.hearth.fuse;

import io.hearth.protocol.DatasetName;
import java.time.Clock;
import java.util.function.Consumer;

/** Says how far a long listing has been read, once every two seconds. Not thread-safe. */
final class LoadingLines {
    private static final long STEP_MS = 2000;

    private final DatasetName dataset;
    private final long files;
    private final Clock clock;
    private final Consumer<String> lines;
    private long toldAtMs;
    private long added;

    /** @param files that the listing has */
    LoadingLines(DatasetName dataset, long files, Clock clock, Consumer<String> lines) {
        this.dataset = dataset;
        this.files = files;
        this.clock = clock;
        this.lines = lines;
        this.toldAtMs = clock.millis();
    }

    void added(int entries) {
        added += entries;
        if (clock.millis() - toldAtMs >= STEP_MS) {
            toldAtMs = clock.millis();
            lines.accept("reading the listing of " + dataset + ": " + added + " of " + files + " files");
        }
    }
}
