package io.hearth.launcher.quickstart;

import io.hearth.protocol.api.LoadPhase;

/**
 * The quickstart's result; the names are part of the user's contract.
 *
 * @param bytes sum of the files' sizes
 * @param coldSeconds first read, nothing cached
 * @param loadSeconds from the request of the load, with nothing cached, until it was told complete
 * @param warmSeconds read after the load, by a new mount
 * @param originBytesCold bytes that the origin sent for the first read
 * @param originBytesWarm bytes that the origin sent for the read after the load
 * @param loadPhase how the load ended
 * @param cachedPercentage share of the dataset that is cached after the load, 0 to 100, rounded down to a tenth
 * @param sha256Match whether both reads gave exactly the origin's bytes
 */
public record QuickstartReport(
        long bytes,
        int files,
        double coldSeconds,
        double loadSeconds,
        double warmSeconds,
        long originBytesCold,
        long originBytesWarm,
        LoadPhase loadPhase,
        double cachedPercentage,
        boolean sha256Match) {}
