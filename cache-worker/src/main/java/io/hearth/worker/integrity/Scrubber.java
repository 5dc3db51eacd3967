package io.hearth.worker.integrity;

import io.hearth.protocol.HearthException;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.roaringbitmap.PeekableIntIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every resident chunk again, pass after pass, the files that were checked longest ago first, at a steady rate on
 * one thread. A chunk that differs from its checksum is dropped durably, so that it is never served from then on, and
 * fetched again at once. A file is held for one chunk at a time, so that the scrubber stands in the way of no eviction.
 *
 * <p>Reads go through the page cache. A page read once enters the kernel's inactive list and leaves before what readers
 * use.
 */
public final class Scrubber implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);

    private static final int CLOSE_SECONDS_MAX = 5;
    private static final int SCRATCH_BYTES = 256 << 10;

    private final TierStore store;
    private final Refetch refetch;
    private final Pace pace;
    private final Duration pause;
    private final Clock clock;
    private final IntegrityMetrics metrics;
    private final long bornMs;
    private final Stop stop = new Stop();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
    private final Thread thread = new Thread(this::run, "hearth-scrubber");
    /** When the file that is next was checked; empty while there is none. */
    private volatile Optional<Long> oldestMs = Optional.empty();

    private record Aged(ObjectFile file, long checkedMs) {}

    /** Does nothing before {@link #start}. */
    Scrubber(TierStore store, Refetch refetch, Pace pace, Duration pause, Clock clock, IntegrityMetrics metrics) {
        this.store = store;
        this.refetch = refetch;
        this.pace = pace;
        this.pause = pause;
        this.clock = clock;
        this.metrics = metrics;
        this.bornMs = clock.millis();
        thread.setDaemon(true);
    }

    void start() {
        metrics.watchOldest(this::oldestAgeSeconds);
        thread.start();
    }

    /** Age of the oldest check; what was not checked in this life counts from its start. */
    double oldestAgeSeconds() {
        return oldestMs.map(at -> Math.max(0, clock.millis() - Math.max(at, bornMs)) / 1000.0)
                .orElse(0.0);
    }

    private void run() {
        do {
            pass();
        } while (!stop.within(pause.toNanos()));
    }

    /** Checks every file that is here now, once. */
    void pass() {
        // Ages are read once: they change while others are compared.
        List<Aged> files = new ArrayList<>();
        store.files().forEach(file -> files.add(new Aged(file, file.checkedMs())));
        files.sort(Comparator.comparingLong(Aged::checkedMs));
        long begunMs = clock.millis();
        for (Aged next : files) {
            oldestMs = Optional.of(next.checkedMs());
            if (stop.told()) {
                return;
            }
            scrub(next.file());
        }
        oldestMs = files.isEmpty() ? Optional.empty() : Optional.of(begunMs);
        metrics.passed();
    }

    private void scrub(ObjectFile file) {
        long begunMs = clock.millis();
        try {
            PeekableIntIterator chunks = file.chunks().getIntIterator();
            while (chunks.hasNext()) {
                int chunk = chunks.next();
                if (stop.within(pace.waitNanos(file.layout().length(chunk))) || !check(file, chunk)) {
                    return;
                }
            }
            file.checked(begunMs);
        } catch (RuntimeException e) {
            LOG.warn(
                    "the scrubber passes over {}: {}",
                    file.object(),
                    HearthException.of(e).getMessage());
        }
    }

    /** Gives whether the file is still there. */
    private boolean check(ObjectFile file, int chunk) {
        if (!store.hold(file)) {
            return false;
        }
        try {
            boolean here = file.has(chunk);
            boolean right = file.recheck(chunk, scratch);
            metrics.scrubbed(here ? file.layout().length(chunk) : 0);
            if (here && !right) {
                store.renew(file);
                bad(file, chunk);
            }
            return true;
        } finally {
            file.release();
        }
    }

    private void bad(ObjectFile file, int chunk) {
        metrics.scrubFoundCorrupt();
        LOG.warn(
                "chunk {} of {} in {} had rotted: dropped, to be fetched again",
                chunk,
                file.object(),
                file.tier().spec().directory());
        refetch.range(file.object(), file.layout().offset(chunk), file.layout().length(chunk));
    }

    /** Ends the thread, within five seconds. */
    @Override
    public void close() {
        stop.tell();
        if (thread.isAlive()) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS_MAX));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
