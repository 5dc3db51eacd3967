package io.hearth.launcher.quickstart;

/**
 * The quickstart's result; the names are part of the user's contract.
 *
 * @param bytes sum of the files' sizes
 * @param coldSeconds first read, nothing cached
 * @param warmSeconds second read, by a new mount
 * @param originBytesCold bytes that the origin sent for the first read
 * @param originBytesWarm bytes that the origin sent for the second read
 * @param sha256Match whether both reads gave exactly the origin's bytes
 */
public record QuickstartReport(
        long bytes,
        int files,
        double coldSeconds,
        double warmSeconds,
        long originBytesCold,
        long originBytesWarm,
        boolean sha256Match) {}
