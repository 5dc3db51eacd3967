package io.hearth.protocol.api;

import java.net.URI;
import java.util.List;

/**
 * A worker says where it is and what it lends.
 *
 * @param incarnation which life of the worker; grows with each start
 * @param dataPort port of the data plane
 * @param adminPort port of metrics, health and evictions
 * @param lending a state of {@link LendingStatus}; {@code Lending} where a worker of an older build does not tell
 */
public record WorkerRegistration(
        String id,
        long incarnation,
        String host,
        int dataPort,
        int adminPort,
        String version,
        List<TierUse> tiers,
        String lending) {
    /** A missing state is {@link LendingStatus#LENDING}. */
    public WorkerRegistration {
        lending = lending == null ? LendingStatus.LENDING : lending;
    }

    /** A worker that lends all it has. */
    public WorkerRegistration(
            String id,
            long incarnation,
            String host,
            int dataPort,
            int adminPort,
            String version,
            List<TierUse> tiers) {
        this(id, incarnation, host, dataPort, adminPort, version, tiers, LendingStatus.LENDING);
    }

    /** Where the admin port answers. */
    public URI adminUri() {
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + adminPort);
    }

    /**
     * One tier: {@code medium} is {@code MEM}, {@code SSD} or {@code HDD}; the quota as far as the node allows it now.
     */
    public record TierUse(String medium, String path, long quotaBytes, long usedBytes) {}
}
