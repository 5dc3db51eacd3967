package io.hearth.worker.lend;

import io.hearth.protocol.settings.DataSize;
import io.hearth.worker.lend.Demand.Want;

/**
 * How much memory is to stay free of a total.
 *
 * @param percentMin of the total
 * @param bytesMin at least so much; never more than a tenth of the total, so that a small machine lends too
 */
record Headroom(int percentMin, long bytesMin) {
    private long floorBytes(long totalBytes) {
        return Math.max(totalBytes / 100 * percentMin, Math.min(bytesMin, totalBytes / 10));
    }

    /** Wants below the floor, and then as much as leads to one and a half of it, from where on it is calm. */
    Demand of(String name, long freeBytes, long totalBytes) {
        long floor = floorBytes(totalBytes);
        long calm = floor + floor / 2;
        Want want = freeBytes < floor ? Want.WANTED : freeBytes < calm ? Want.UNEASY : Want.CALM;
        return new Demand(
                want,
                want == Want.WANTED ? calm - freeBytes : 0,
                name + ": " + DataSize.format(Math.max(0, freeBytes)) + " of " + DataSize.format(totalBytes)
                        + " are free, " + DataSize.format(floor) + " are to stay");
    }
}
