package io.hearth.fuse;

import io.hearth.protocol.DatasetName;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log how far a long listing has been read, once every few seconds. Not thread-safe. */
final class LoadingLines {
    private static final Logger LOG = LoggerFactory.getLogger(LoadingLines.class);
    private static final long STEP_MS = 2000;

    private final DatasetName dataset;
    private final long files;
    private final Clock clock;
    private long toldAtMs;
    private long added;

    /** @param files that the listing has */
    LoadingLines(DatasetName dataset, long files, Clock clock) {
        this.dataset = dataset;
        this.files = files;
        this.clock = clock;
        this.toldAtMs = clock.millis();
    }

    void added(int entries) {
        added += entries;
        if (clock.millis() - toldAtMs >= STEP_MS) {
            toldAtMs = clock.millis();
            LOG.info("reading the listing of {}: {} of {} files", dataset, added, files);
        }
    }
}
