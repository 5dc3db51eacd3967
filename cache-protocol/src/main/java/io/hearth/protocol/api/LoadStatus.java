package io.hearth.protocol.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A load as it stands.
 *
 * @param name unique in its namespace
 * @param message one line: why it failed, or what it waits for
 * @param generation id of the listing whose objects are loaded
 * @param progress percent of the bytes that are resident, rounded down to a tenth; 100 only when {@code Complete}
 * @param sources resident bytes by where they came from: {@link #ORIGIN}, or {@link #TIER} for those that a worker had
 *     already
 * @param bytesPerSecond rate of the last seconds; the average once ended
 * @param etaSeconds time left at this rate; absent where there is no rate
 * @param attempts rounds begun: 1 for the first
 * @param failedPaths at most {@link #FAILED_PATHS_MAX} of {@code files.failed}
 * @param workers each worker's part
 * @param createdAt ISO-8601
 * @param startedAt ISO-8601; absent until it had its turn
 * @param endedAt ISO-8601
 * @param durationMs from start to end, or until now
 */
public record LoadStatus(
        String namespace,
        String name,
        String dataset,
        LoadSpec spec,
        LoadPhase phase,
        Optional<String> message,
        Optional<String> generation,
        double progress,
        Files files,
        Bytes bytes,
        Map<String, Long> sources,
        long bytesPerSecond,
        Optional<Long> etaSeconds,
        int attempts,
        List<FailedPath> failedPaths,
        List<WorkerPart> workers,
        String createdAt,
        Optional<String> startedAt,
        Optional<String> endedAt,
        long durationMs) {
    /** Key of {@link #sources}: fetched from the origin by this load. */
    public static final String ORIGIN = "origin";

    /** Key of {@link #sources}: found in a worker's tier. */
    public static final String TIER = "tier";

    /** Most failed paths that are named. */
    public static final int FAILED_PATHS_MAX = 100;

    /** Files asked for, each once however many replicas; a file counts as resident when all its replicas are. */
    public record Files(long total, long resident, long verified, long failed) {}

    /** Bytes asked for, each replica counted; {@code inFlight} is on its way from the origin. */
    public record Bytes(long total, long resident, long verified, long inFlight) {}

    /** A file that could not be loaded, and why in one line. */
    public record FailedPath(String path, String reason) {}

    /** What one worker is to hold, and holds, of the load. */
    public record WorkerPart(String worker, long totalBytes, long residentBytes, long verifiedBytes) {}
}
