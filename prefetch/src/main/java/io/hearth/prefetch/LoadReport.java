package io.hearth.prefetch;

import io.hearth.prefetch.round.LoadCounts;
import io.hearth.prefetch.round.Share;
import io.hearth.prefetch.target.WantedFiles;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadStatus;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Puts a load's {@link LoadStatus} together. Used by the load's thread alone. */
final class LoadReport {
    private final LoadStatus first;
    private final Clock clock;
    private Optional<WantedFiles> files = Optional.empty();
    private Optional<LoadCounts> counts = Optional.empty();
    private Optional<String> waitsFor = Optional.empty();
    private boolean metadataOnly;
    private boolean working;
    private int attempts;
    private long startedMs;

    LoadReport(LoadStatus first, Clock clock) {
        this.first = first;
        this.clock = clock;
        // A round that a restart of the master cut off is begun again, not counted twice.
        this.attempts = Math.max(0, first.attempts() - 1);
        this.startedMs =
                first.startedAt().map(at -> Instant.parse(at).toEpochMilli()).orElse(0L);
    }

    void begin(WantedFiles wanted, boolean onlyMetadata) {
        files = Optional.of(wanted);
        counts = Optional.of(new LoadCounts(wanted, first.sources().getOrDefault(LoadStatus.ORIGIN, 0L)));
        metadataOnly = onlyMetadata;
        if (startedMs == 0) {
            startedMs = clock.millis();
        }
    }

    void round(List<Share> shares, long givenUpFiles) {
        counts().begin(shares, givenUpFiles);
        attempt();
        working = true;
    }

    /** A round that found nobody to work with. */
    void attempt() {
        attempts++;
    }

    /** What the load waits for, in one line; it is {@code Pending} before its first round. */
    void waitFor(Optional<String> what) {
        waitsFor = what;
    }

    LoadCounts counts() {
        return counts.orElseThrow();
    }

    int attempts() {
        return attempts;
    }

    LoadStatus status(long nowNanos) {
        if (!working) {
            return status(LoadPhase.PENDING, waitsFor, 0, 0, Map.of(), Optional.empty());
        }
        counts().tick(nowNanos);
        LoadPhase phase = waitsFor.isPresent() ? LoadPhase.RUNNING : counts().phase();
        return status(phase, waitsFor, counts().bytesPerSecond(), 0, Map.of(), Optional.empty());
    }

    LoadStatus ended(LoadPhase phase, Optional<String> message, long failedFiles, Map<Integer, String> reasons) {
        long nowMs = clock.millis();
        long tookMs = startedMs == 0 ? 0 : nowMs - startedMs;
        long resident = counts.map(known -> known.bytes().resident()).orElse(0L);
        long rate = tookMs == 0 ? 0 : resident * 1000 / tookMs;
        return status(phase, message, rate, failedFiles, reasons, Optional.of(nowMs));
    }

    private LoadStatus status(
            LoadPhase phase,
            Optional<String> message,
            long rate,
            long failedFiles,
            Map<Integer, String> reasons,
            Optional<Long> endedMs) {
        LoadStatus.Bytes bytes = bytes(phase.ended());
        LoadStatus.Files counted = metadataOnly || !working
                ? new LoadStatus.Files(
                        files.map(WantedFiles::count).orElse((int) first.files().total()), 0, 0, 0)
                : counts().files(failedFiles);
        long tookMs = startedMs == 0 ? 0 : endedMs.orElseGet(clock::millis) - startedMs;
        return new LoadStatus(
                first.namespace(),
                first.name(),
                first.dataset(),
                first.spec(),
                phase,
                message,
                first.generation(),
                percent(phase, bytes),
                counted,
                bytes,
                working ? counts().sources() : new TreeMap<>(first.sources()),
                rate,
                eta(phase, bytes, rate),
                attempts,
                failedPaths(reasons),
                working ? counts().workers() : first.workers(),
                first.createdAt(),
                startedMs == 0 ? Optional.empty() : Optional.of(iso(startedMs)),
                endedMs.map(LoadReport::iso),
                tookMs);
    }

    private LoadStatus.Bytes bytes(boolean ended) {
        if (metadataOnly || counts.isEmpty()) {
            return first.bytes();
        }
        LoadStatus.Bytes now = counts().bytes();
        // What was under way for it is given up.
        return ended ? new LoadStatus.Bytes(now.total(), now.resident(), now.verified(), 0) : now;
    }

    /** Rounded down, and 100 only where the load is complete. */
    private static double percent(LoadPhase phase, LoadStatus.Bytes bytes) {
        if (phase == LoadPhase.COMPLETE) {
            return 100;
        }
        return bytes.total() == 0 ? 0 : Math.min(99.9, Math.floor(1000.0 * bytes.resident() / bytes.total()) / 10);
    }

    private static Optional<Long> eta(LoadPhase phase, LoadStatus.Bytes bytes, long rate) {
        if (phase.ended() || rate <= 0) {
            return Optional.empty();
        }
        long done = phase == LoadPhase.VERIFYING ? bytes.verified() : bytes.resident();
        return Optional.of((bytes.total() - done + rate - 1) / rate);
    }

    private List<LoadStatus.FailedPath> failedPaths(Map<Integer, String> reasons) {
        if (reasons.isEmpty()) {
            return List.of();
        }
        WantedFiles.Reader reader = files.orElseThrow().reader();
        return reasons.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .limit(LoadStatus.FAILED_PATHS_MAX)
                .map(reason -> new LoadStatus.FailedPath(reader.path(reason.getKey()), reason.getValue()))
                .toList();
    }

    private static String iso(long ms) {
        return Instant.ofEpochMilli(ms).toString();
    }
}
