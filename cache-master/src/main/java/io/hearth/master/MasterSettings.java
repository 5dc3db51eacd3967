package io.hearth.master;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of the master. */
public record MasterSettings(
        @Setting(
                name = "master.secrets-dir",
                value = "${home}/secrets",
                description = "Where secretKeyRef finds its files: DIR/name/key.")
        Path secretsDir,

        @Setting(
                name = "master.api-threads",
                value = "16",
                description = "Threads that answer API requests.",
                min = "2",
                max = "256")
        int apiThreads,

        @Setting(
                name = "master.api-queue-max",
                value = "1024",
                description = "API requests that may wait for a thread; beyond it they are refused.",
                min = "1",
                max = "100000")
        int apiQueueMax,

        @Setting(
                name = "master.request-max",
                value = "1MiB",
                description = "Largest JSON body taken.",
                min = "4KiB",
                max = "64MiB")
        DataSize requestMax,

        @Setting(
                name = "master.datasets-max",
                value = "10000",
                description = "Datasets of all namespaces together.",
                min = "1",
                max = "1000000")
        int datasetsMax,

        @Setting(
                name = "master.mounts-max",
                value = "64",
                description = "Mounts of one dataset.",
                min = "1",
                max = "1024")
        int mountsMax,

        @Setting(
                name = "master.check-timeout",
                value = "8s",
                description = "Longest that the live check of a dataset's origins may take.",
                min = "1s",
                max = "5m")
        Duration checkTimeout,

        @Setting(
                name = "master.listing-threads",
                value = "2",
                description = "Datasets that are listed at the same time.",
                min = "1",
                max = "64")
        int listingThreads,

        @Setting(
                name = "master.listing-timeout",
                value = "10m",
                description = "Longest that one listing may take.",
                min = "1s",
                max = "1d")
        Duration listingTimeout,

        @Setting(
                name = "master.listing-keys-max",
                value = "2000000",
                description = "Keys of one dataset; about 100 bytes of heap each while listing.",
                min = "1",
                max = "100000000")
        int listingKeysMax,

        @Setting(
                name = "master.listing-queue-max",
                value = "10000",
                description = "Listings that may wait.",
                min = "1",
                max = "1000000")
        int listingQueueMax,

        @Setting(
                name = "master.listing-lease",
                value = "30s",
                description = "After how long without renewal another master may take over a listing.",
                min = "1s",
                max = "10m")
        Duration listingLease,

        @Setting(
                name = "master.refresh-min",
                value = "1s",
                description = "Shortest refresh interval taken from a dataset or a session.",
                min = "100ms",
                max = "1h")
        Duration refreshMin,

        @Setting(
                name = "master.refresh-tick",
                value = "200ms",
                description = "How often the master looks for datasets whose listing is too old.",
                min = "10ms",
                max = "1m")
        Duration refreshTick,

        @Setting(
                name = "master.sweep-interval",
                value = "5s",
                description = "How often expired sessions and unused generations are removed.",
                min = "50ms",
                max = "1h")
        Duration sweepInterval,

        @Setting(
                name = "master.generation-grace",
                value = "30s",
                description = "How long a generation is kept after the last use of it ended.",
                min = "0ms",
                max = "1d")
        Duration generationGrace,

        @Setting(
                name = "master.session-ttl",
                value = "60s",
                description = "After how long without renewal a mount's session ends.",
                min = "1s",
                max = "1d")
        Duration sessionTtl,

        @Setting(
                name = "master.session-wait-max",
                value = "30s",
                description = "Longest that a renewal waits for a newer generation.",
                min = "0ms",
                max = "5m")
        Duration sessionWaitMax,

        @Setting(
                name = "master.first-listing-wait",
                value = "8s",
                description = "Longest that a new session waits for a dataset's first listing.",
                min = "0ms",
                max = "5m")
        Duration firstListingWait,

        @Setting(
                name = "master.sessions-max",
                value = "10000",
                description = "Sessions of all datasets together.",
                min = "1",
                max = "1000000")
        int sessionsMax,

        @Setting(
                name = "master.ticket-expiry",
                value = "10m",
                description = "After how long a ticket's holder must ask for a new one.",
                min = "1s",
                max = "12h")
        Duration ticketExpiry,

        @Setting(
                name = "master.ticket-lives",
                value = "6h",
                description =
                        "How long the access in a ticket goes on at least, without a master to renew it. It ends at the"
                                + " midnight (UTC) after that, for it holds signing keys of whole days.",
                min = "15m",
                max = "7d")
        Duration ticketLives,

        @Setting(
                name = "master.worker-heartbeat",
                value = "1s",
                description = "How often a worker reports.",
                min = "50ms",
                max = "1m")
        Duration workerHeartbeat,

        @Setting(
                name = "master.worker-expiry",
                value = "5s",
                description = "After how long without a heartbeat a worker counts as lost.",
                min = "200ms",
                max = "10m")
        Duration workerExpiry,

        @Setting(
                name = "master.worker-forget",
                value = "10m",
                description = "After how long a lost worker leaves the list.",
                min = "1s",
                max = "30d")
        Duration workerForget,

        @Setting(
                name = "master.workers-max",
                value = "1000",
                description = "Workers known at the same time.",
                min = "1",
                max = "100000")
        int workersMax,

        @Setting(
                name = "master.index-objects-max",
                value = "4000000",
                description =
                        "Objects of current generations that are indexed in memory for CACHED; about 40 bytes each.",
                min = "1000",
                max = "100000000")
        int indexObjectsMax,

        @Setting(
                name = "master.reading-orders-max",
                value = "512",
                description =
                        "Objects of one dataset whose order of reading is kept, 32 KiB each at most; of more, one goes.",
                min = "1",
                max = "9999")
        int readingOrdersMax,

        @Setting(
                name = "master.eviction-timeout",
                value = "30s",
                description = "Longest that an eviction waits for the workers.",
                min = "1s",
                max = "10m")
        Duration evictionTimeout,

        @Setting(
                name = "master.close-timeout",
                value = "10s",
                description = "Longest that shutdown waits for listings and requests in progress.",
                min = "1s",
                max = "10m")
        Duration closeTimeout) {}
