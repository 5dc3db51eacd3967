package io.hearth.protocol.api;

import io.hearth.protocol.generation.Generation.SkippedKey;
import java.util.List;
import java.util.Optional;

/**
 * A dataset as it stands.
 *
 * @param phase {@code Pending} (first listing under way), {@code Bound}, {@code Updating} (bound, listing again) or
 *     {@code Failed} (the first listing failed; {@code message} says why)
 * @param message one line on the last failure; absent when all is well
 * @param generation id of the newest listing
 * @param ufsTotalBytes bytes at the origin, by the newest listing
 * @param files files in the newest listing
 * @param cachedBytes distinct bytes of the newest listing that are resident and verified in some worker
 * @param cacheCapacityBytes sum of the quotas of all live workers' tiers
 * @param createdAt ISO-8601
 * @param listedAt end of the newest listing, ISO-8601
 * @param listingMs how long it took
 */
public record DatasetStatus(
        String namespace,
        String name,
        DatasetSpec spec,
        String phase,
        Optional<String> message,
        Optional<String> generation,
        long ufsTotalBytes,
        long files,
        long cachedBytes,
        long cacheCapacityBytes,
        String createdAt,
        Optional<String> listedAt,
        long listingMs,
        long weakFiles,
        long skippedKeys,
        List<SkippedKey> skippedExamples) {
    public static final String PENDING = "Pending";
    public static final String BOUND = "Bound";
    public static final String UPDATING = "Updating";
    public static final String FAILED = "Failed";

    /** Share of the dataset that is cached, 0 to 100; an empty dataset is wholly cached. */
    public double cachedPercentage() {
        return ufsTotalBytes == 0 ? 100.0 : 100.0 * cachedBytes / ufsTotalBytes;
    }
}
