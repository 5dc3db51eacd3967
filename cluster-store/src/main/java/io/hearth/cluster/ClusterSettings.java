package io.hearth.cluster;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Settings of the cluster store. None is left to Ignite's own default, which takes a fifth of the machine's memory. */
public record ClusterSettings(
        @Setting(
                name = "cluster.directory",
                value = "${home}/master",
                description = "Where the store keeps its files; one process at a time.")
        Path directory,

        @Setting(name = "cluster.node", value = "master-1", description = "This master's lasting name in the cluster.")
        String node,

        @Setting(
                name = "cluster.host",
                value = "127.0.0.1",
                description = "Address that the masters' cluster ports bind.")
        String host,

        @Setting(
                name = "cluster.discovery-port",
                value = "7073",
                description = "Port on which masters find each other; 0 takes a free one.",
                min = "0",
                max = "65535")
        int discoveryPort,

        @Setting(
                name = "cluster.communication-port",
                value = "7074",
                description = "Port on which masters exchange data; 0 takes a free one.",
                min = "0",
                max = "65535")
        int communicationPort,

        @Setting(
                name = "cluster.peers",
                value = "",
                description =
                        "Other masters' discovery addresses, HOST:PORT with commas between; empty for a lone master.")
        List<String> peers,

        @Setting(
                name = "cluster.durable-region",
                value = "256MiB",
                description = "Memory for pages of durable maps; what does not fit is read from disk.",
                min = "32MiB")
        DataSize durableRegion,

        @Setting(
                name = "cluster.volatile-region",
                value = "64MiB",
                description = "Memory for volatile maps; beyond it old entries are dropped.",
                min = "16MiB")
        DataSize volatileRegion,

        @Setting(
                name = "cluster.checkpoint-buffer",
                value = "64MiB",
                description = "Memory for pages that change while a checkpoint writes them.",
                min = "16MiB")
        DataSize checkpointBuffer,

        @Setting(
                name = "cluster.checkpoint-interval",
                value = "60s",
                description = "Time between checkpoints, which bounds the log replayed after a crash.",
                min = "1s",
                max = "1h")
        Duration checkpointInterval,

        @Setting(
                name = "cluster.wal-segment",
                value = "16MiB",
                description = "Size of a file of the write-ahead log.",
                min = "8MiB",
                max = "512MiB")
        DataSize walSegment,

        @Setting(
                name = "cluster.wal-segments",
                value = "4",
                description = "Files of the write-ahead log that are written in turn.",
                min = "2",
                max = "64")
        int walSegments,

        @Setting(
                name = "cluster.wal-archive",
                value = "128MiB",
                description = "Most bytes of filled log files that are kept.",
                min = "64MiB")
        DataSize walArchive,

        @Setting(
                name = "cluster.wal-flush",
                value = "os",
                description =
                        "When a commit counts: os = the log is with the operating system, so it survives the death"
                                + " of the process (LOG_ONLY); disk = it survives a power cut too (FSYNC).")
        WalFlush walFlush,

        @Setting(
                name = "cluster.failure-detection",
                value = "10s",
                description = "After how long without an answer another master counts as lost.",
                min = "1s",
                max = "5m")
        Duration failureDetection,

        @Setting(
                name = "cluster.transaction-timeout",
                value = "5s",
                description = "Longest that one attempt of a transaction may take.",
                min = "100ms",
                max = "5m")
        Duration transactionTimeout,

        @Setting(
                name = "cluster.transaction-attempts",
                value = "5",
                description = "How often a transaction is tried before it fails.",
                min = "1",
                max = "100")
        int transactionAttempts,

        @Setting(
                name = "cluster.value-max",
                value = "6MiB",
                description = "Largest value; it must fit a file of the write-ahead log twice.",
                min = "64KiB",
                max = "64MiB")
        DataSize valueMax,

        @Setting(
                name = "cluster.threads",
                value = "4",
                description = "Threads of each of Ignite's pools that this store uses.",
                min = "2",
                max = "64")
        int threads,

        @Setting(
                name = "cluster.close-timeout",
                value = "20s",
                description = "Longest wait for the last checkpoint at shutdown; the log keeps what it did not write.",
                min = "1s",
                max = "10m")
        Duration closeTimeout) {
    /** When a commit counts as written. */
    public enum WalFlush {
        OS,
        DISK
    }
}
