package io.hearth.worker;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.net.DataPlaneLimits;
import io.hearth.worker.share.ShareLimits;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.TierSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The worker's settings. */
public record WorkerSettings(
        @Setting(
                name = "worker.directory",
                value = "${home}/worker",
                description = "Directory of the worker's identity; one per worker.")
        Path directory,

        @Setting(
                name = "worker.tiers",
                value = "MEM:auto:1GiB,SSD:${home}/worker/tier:10GiB",
                description = "What is lent, best first: MEDIUM:PATH:QUOTA with MEM, SSD or HDD; the path auto is a"
                        + " directory of this worker's own in /dev/shm. In hearth.yaml also a list of mappings with"
                        + " mediumtype, path, quota, high and low.")
        List<String> tiers,

        @Setting(name = "worker.host", value = "127.0.0.1", description = "Address that the data plane listens on.")
        String host,

        @Setting(
                name = "worker.advertised-host",
                value = "",
                description = "Name or address that clients are told; empty for worker.host.")
        Optional<String> advertisedHost,

        @Setting(
                name = "worker.data-port",
                value = "7071",
                min = "0",
                max = "65535",
                description = "Port of the data plane; 0 for any free one.")
        int dataPort,

        @Setting(
                name = "worker.admin-port",
                value = "7072",
                min = "0",
                max = "65535",
                description = "Port of metrics, health, evictions and shares of loads; 0 for any free one.")
        int adminPort,

        @Setting(
                name = "worker.connections-max",
                value = "256",
                min = "1",
                description = "Data-plane connections at once; one more is refused.")
        int connectionsMax,

        @Setting(
                name = "worker.requests-max",
                value = "64",
                min = "1",
                max = "4096",
                description = "Reads at once on one connection; one more fails as overloaded.")
        int requestsMax,

        @Setting(
                name = "worker.send-queue",
                value = "4MiB",
                min = "1MiB",
                max = "256MiB",
                description = "Bytes in one connection's send queue at which its reads pause.")
        DataSize sendQueue,

        @Setting(
                name = "worker.idle-timeout",
                value = "2m",
                min = "100ms",
                description = "How long a connection may carry nothing before it is closed.")
        Duration idleTimeout,

        @Setting(
                name = "worker.io-threads",
                value = "2",
                min = "1",
                max = "256",
                description = "Event loop threads of the data plane.")
        int ioThreads,

        @Setting(
                name = "worker.disk-threads",
                value = "8",
                min = "1",
                max = "256",
                description = "Threads that open, write and verify files.")
        int diskThreads,

        @Setting(
                name = "worker.disk-queue",
                value = "4096",
                min = "16",
                description = "Disk work waiting for a thread; more fails as overloaded.")
        int diskQueue,

        @Setting(
                name = "worker.memory",
                value = "512MiB",
                min = "32MiB",
                description =
                        "Memory outside the tiers and the Java heap, all of it together: buffers of fills and of bytes"
                                + " that pass through, and worker.memory-reserved.")
        DataSize memory,

        @Setting(
                name = "worker.memory-reserved",
                value = "96MiB",
                min = "16MiB",
                description =
                        "Part of worker.memory for what is not pooled: origin.connections times origin.read-buffer,"
                                + " buffers of disk threads, frames of the data plane.")
        DataSize memoryReserved,

        @Setting(
                name = "worker.fill-slots",
                value = "128",
                min = "1",
                max = "1024",
                description =
                        "Blocks being filled or waiting for their turn at the origin, which decides itself how much it"
                                + " is asked at once; as many ranges may pass through unkept.")
        int fillSlots,

        @Setting(
                name = "worker.fill-queue",
                value = "1024",
                min = "1",
                description = "Fills that readers wait for, waiting for a slot; more fails as overloaded.")
        int fillQueue,

        @Setting(
                name = "worker.prefetch-queue",
                value = "256",
                min = "1",
                description = "Blocks waiting to be prefetched; more are dropped.")
        int prefetchQueue,

        @Setting(
                name = "worker.shares-max",
                value = "1024",
                min = "1",
                description = "Shares of loads kept at once; one more fails as overloaded.")
        int sharesMax,

        @Setting(
                name = "worker.share-items",
                value = "131072",
                min = "1",
                description = "Objects of all shares of loads together, about 1 KiB of memory each; more fail as"
                        + " overloaded.")
        int shareItems,

        @Setting(
                name = "worker.share-expiry",
                value = "1m",
                min = "100ms",
                description = "How long a share of a load outlives the last question about it.")
        Duration shareExpiry,

        @Setting(
                name = "worker.share-blocks",
                value = "96",
                min = "1",
                max = "1024",
                description = "Blocks that all shares of loads fill at once.")
        int shareBlocks,

        @Setting(
                name = "worker.share-reads",
                value = "4",
                min = "1",
                max = "256",
                description = "Chunks that all shares of loads read back at once.")
        int shareReads,

        @Setting(
                name = "worker.open-files",
                value = "256",
                min = "0",
                description = "Objects whose two files stay open while nobody reads them.")
        int openFiles,

        @Setting(
                name = "worker.eviction-policy",
                value = "s3-fifo",
                description =
                        "Who leaves a full tier first: s3-fifo = what was read once, so that a scan does not push out"
                                + " what is in use; lru = the least recently used.")
        EvictionChoice evictionPolicy,

        @Setting(
                name = "worker.eviction-ghosts",
                value = "131072",
                min = "1",
                max = "16777216",
                description = "Objects that each tier remembers after they left, for s3-fifo; about 150 bytes of memory"
                        + " each.")
        int evictionGhosts,

        @Setting(
                name = "worker.full-pause",
                value = "10s",
                min = "0s",
                description = "How long a tier takes no new bytes after its disk was full.")
        Duration fullPause,

        @Setting(
                name = "worker.report-interval",
                value = "1s",
                min = "10ms",
                description = "How often changes of residency are told to the master.")
        Duration reportInterval,

        @Setting(
                name = "worker.master-timeout",
                value = "10s",
                min = "100ms",
                description = "Longest wait for a master's answer.")
        Duration masterTimeout) {
    /** Fewer, and a fill with three buffers leaves nothing to the others. */
    private static final long POOLED_BYTES_MIN = 16 << 20;

    public WorkerSettings {
        if (memory.bytes() - memoryReserved.bytes() < POOLED_BYTES_MIN) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "setting worker.memory: " + memory + " leaves less than 16MiB beside worker.memory-reserved ("
                            + memoryReserved + "): raise it, or lower that");
        }
    }

    /** The tiers, parsed. */
    List<TierSpec> tierSpecs() {
        return IntStream.range(0, tiers.size()).mapToObj(this::tierSpec).toList();
    }

    private TierSpec tierSpec(int entry) {
        try {
            return TierSpec.parse(tiers.get(entry), directory);
        } catch (HearthException e) {
            throw new HearthException(e.kind(), "entry " + (entry + 1) + " of worker.tiers: " + e.getMessage(), e);
        }
    }

    ShareLimits shares() {
        return new ShareLimits(sharesMax, shareItems, shareExpiry, shareBlocks, shareReads);
    }

    /** What fills and streams have together: {@code worker.memory} without what is reserved of it. */
    long pooledBytes() {
        return memory.bytes() - memoryReserved.bytes();
    }

    /**
     * Refuses buffers of the origin's client that do not fit into what is reserved for them.
     *
     * @param connections that the client may have
     * @param bytesEach that may arrive on each ahead of a slow reader
     */
    public void requireReserved(int connections, long bytesEach) {
        long neededBytes = connections * bytesEach + (long) diskThreads * DiskThreads.SCRATCH_BYTES;
        if (neededBytes > memoryReserved.bytes()) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "setting worker.memory-reserved: origin.connections times origin.read-buffer and the disk threads take "
                            + DataSize.format(neededBytes) + ", more than " + memoryReserved
                            + ": raise it, or lower those");
        }
    }

    DataPlaneLimits limits() {
        return new DataPlaneLimits(connectionsMax, requestsMax, (int) sendQueue.bytes(), idleTimeout, ioThreads);
    }
}
