package io.hearth.protocol.api;

import java.net.URI;
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
    /** Where the admin port answers. */
    public URI adminUri() {
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + adminPort);
    }

    /** One tier: {@code medium} is {@code MEM}, {@code SSD} or {@code HDD}. */
    public record TierUse(String medium, String path, long quotaBytes, long usedBytes) {}
}
