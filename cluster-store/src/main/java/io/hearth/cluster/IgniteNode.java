package io.hearth.cluster;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.ignite.configuration.DataPageEvictionMode;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.configuration.SystemDataRegionConfiguration;
import org.apache.ignite.configuration.TransactionConfiguration;
import org.apache.ignite.configuration.WALMode;
import org.apache.ignite.failure.StopNodeFailureHandler;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.apache.ignite.transactions.TransactionConcurrency;
import org.apache.ignite.transactions.TransactionIsolation;

/** How the embedded node is set up. */
final class IgniteNode {
    static final String DURABLE_REGION = "hearth-durable";
    static final String VOLATILE_REGION = "hearth-volatile";

    /** Ignite's own records: caches' configurations and transactions in flight, some kilobytes of each. */
    private static final long SYSTEM_REGION_BYTES = 32L << 20;

    private static final long BLOCKED_WORKER_MS = 60_000;

    private IgniteNode() {}

    /** Ignite reads these once, when its classes load; they are about what it prints, not about what it does. */
    static void quieten() {
        System.setProperty("IGNITE_QUIET", "false");
        System.setProperty("IGNITE_NO_ASCII", "true");
        System.setProperty("IGNITE_NO_SHUTDOWN_HOOK", "true");
        System.setProperty("IGNITE_UPDATE_NOTIFIER", "false");
        System.setProperty("IGNITE_DUMP_THREADS_ON_FAILURE", "false");
        System.setProperty("IGNITE_PERFORMANCE_SUGGESTIONS_DISABLED", "true");
    }

    static IgniteConfiguration configuration(
            ClusterSettings settings, StoreDirectory directory, AtomicBoolean serving) {
        int discoveryPort = port("cluster.discovery-port", settings.host(), settings.discoveryPort());
        int communicationPort = port("cluster.communication-port", settings.host(), settings.communicationPort());
        return new IgniteConfiguration()
                .setIgniteInstanceName("hearth-" + settings.node() + "-" + discoveryPort)
                .setConsistentId(settings.node())
                .setGridLogger(new Slf4jIgniteLogger(serving))
                .setWorkDirectory(directory.resolve("ignite").toAbsolutePath().toString())
                .setLocalHost(settings.host())
                .setDiscoverySpi(discovery(settings, discoveryPort))
                .setCommunicationSpi(new TcpCommunicationSpi()
                        .setLocalAddress(settings.host())
                        .setLocalPort(communicationPort)
                        .setLocalPortRange(0)
                        .setSelectorsCount(1))
                .setConnectorConfiguration(null)
                .setClientConnectorConfiguration(null)
                .setDataStorageConfiguration(storage(settings, directory))
                .setTransactionConfiguration(new TransactionConfiguration()
                        .setDefaultTxConcurrency(TransactionConcurrency.PESSIMISTIC)
                        .setDefaultTxIsolation(TransactionIsolation.REPEATABLE_READ)
                        .setDefaultTxTimeout(settings.transactionTimeout().toMillis())
                        .setTxTimeoutOnPartitionMapExchange(
                                settings.transactionTimeout().toMillis()))
                .setFailureDetectionTimeout(settings.failureDetection().toMillis())
                // A slow disk or a stopped laptop is no failure: 10 s, the default, complains with a dump of all
                // threads.
                .setSystemWorkerBlockedTimeout(BLOCKED_WORKER_MS)
                // The default handler halts the JVM, which may also hold a worker; a stopped store answers UNAVAILABLE.
                .setFailureHandler(new StopNodeFailureHandler())
                .setPeerClassLoadingEnabled(false)
                .setMetricsLogFrequency(0)
                .setPublicThreadPoolSize(settings.threads())
                .setSystemThreadPoolSize(Math.max(4, settings.threads()))
                .setStripedPoolSize(settings.threads())
                .setManagementThreadPoolSize(2)
                .setServiceThreadPoolSize(2)
                .setAsyncCallbackPoolSize(2)
                .setDataStreamerThreadPoolSize(2)
                .setUtilityCachePoolSize(2)
                .setQueryThreadPoolSize(settings.threads())
                .setRebalanceThreadPoolSize(1)
                .setSnapshotThreadPoolSize(1)
                .setBuildIndexThreadPoolSize(1);
    }

    private static TcpDiscoverySpi discovery(ClusterSettings settings, int port) {
        // Only named addresses are asked: two homes on one machine must never find each other.
        List<String> addresses = Stream.concat(Stream.of(settings.host() + ":" + port), settings.peers().stream())
                .distinct()
                .toList();
        return new TcpDiscoverySpi()
                .setLocalAddress(settings.host())
                .setLocalPort(port)
                .setLocalPortRange(0)
                .setIpFinder(new TcpDiscoveryVmIpFinder(false).setAddresses(addresses));
    }

    private static DataStorageConfiguration storage(ClusterSettings settings, StoreDirectory directory) {
        DataRegionConfiguration durable = new DataRegionConfiguration()
                .setName(DURABLE_REGION)
                .setPersistenceEnabled(true)
                .setInitialSize(Math.min(32L << 20, settings.durableRegion().bytes()))
                .setMaxSize(settings.durableRegion().bytes())
                .setCheckpointPageBufferSize(settings.checkpointBuffer().bytes());
        DataRegionConfiguration inMemory = new DataRegionConfiguration()
                .setName(VOLATILE_REGION)
                .setPersistenceEnabled(false)
                .setInitialSize(16L << 20)
                .setMaxSize(settings.volatileRegion().bytes())
                .setPageEvictionMode(DataPageEvictionMode.RANDOM_LRU);
        WALMode mode = settings.walFlush() == ClusterSettings.WalFlush.DISK ? WALMode.FSYNC : WALMode.LOG_ONLY;
        return new DataStorageConfiguration()
                .setDefaultDataRegionConfiguration(durable)
                .setDataRegionConfigurations(inMemory)
                .setSystemDataRegionConfiguration(new SystemDataRegionConfiguration()
                        .setInitialSize(SYSTEM_REGION_BYTES)
                        .setMaxSize(SYSTEM_REGION_BYTES))
                .setConcurrencyLevel(settings.threads())
                .setStoragePath(
                        directory.resolve("ignite/data").toAbsolutePath().toString())
                .setWalPath(directory.resolve("ignite/wal").toAbsolutePath().toString())
                .setWalArchivePath(
                        directory.resolve("ignite/wal-archive").toAbsolutePath().toString())
                .setWalMode(mode)
                .setWalSegmentSize((int) settings.walSegment().bytes())
                .setWalSegments(settings.walSegments())
                .setMaxWalArchiveSize(settings.walArchive().bytes())
                .setCheckpointFrequency(settings.checkpointInterval().toMillis())
                .setCheckpointThreads(1)
                .setWriteThrottlingEnabled(true);
    }

    /** The port itself if it is free, or a free one for 0. */
    private static int port(String setting, String host, int wanted) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new java.net.InetSocketAddress(InetAddress.getByName(host), wanted));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new HearthException(
                    FailureKind.CONFLICT,
                    host + ":" + wanted + " cannot be bound (" + e.getMessage() + "): stop what uses it, or set "
                            + setting,
                    e);
        }
    }
}
