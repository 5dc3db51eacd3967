package io.hearth.protocol.api;

import java.util.List;

/**
 * Where a dataset's bytes are.
 *
 * @param ufsTotalBytes bytes of the newest generation
 * @param cachedBytes distinct resident bytes of it
 */
public record Residency(long ufsTotalBytes, long cachedBytes, List<Place> places) {
    /** Bytes and files of the dataset in one worker's tiers of one medium. */
    public record Place(String worker, String host, String medium, long bytes, long files, double percentage) {}
}
