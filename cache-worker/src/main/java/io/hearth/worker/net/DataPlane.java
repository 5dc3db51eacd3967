package io.hearth.worker.net;

import io.hearth.protocol.trust.ClusterToken;
import io.hearth.worker.descriptor.OpenGrants;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.fill.Fills;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.TierStore;

/**
 * What every connection of one server shares.
 *
 * @param workerId and {@code incarnation}: told to every client
 * @param token asked of every client
 * @param sendLimit of readers on other nodes, all together
 */
record DataPlane(
        String workerId,
        long incarnation,
        ClusterToken token,
        TierStore store,
        Fills fills,
        DiskThreads disk,
        OpenGrants grants,
        ChunkSender sender,
        SendLimit sendLimit,
        DataPlaneLimits limits,
        WorkerMetrics metrics) {}
