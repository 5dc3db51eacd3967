package io.hearth.protocol.api;

import java.util.List;

/**
 * A worker says where it is and what it lends.
 *
 * @param incarnation which life of the worker; grows with each start
 * @param dataPort port of the data plane
 * @param adminPort port of metrics, health and evictions
 */
public record WorkerRegistration(
        String id, long incarnation, String host, int dataPort, int adminPort, String version, List<TierUse> tiers) {
    /** One tier: {@code medium} is {@code MEM}, {@code SSD} or {@code HDD}. */
    public record TierUse(String medium, String path, long quotaBytes, long usedBytes) {}
}
