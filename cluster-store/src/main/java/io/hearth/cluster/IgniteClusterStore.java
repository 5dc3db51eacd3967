package io.hearth.cluster;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteState;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.cluster.ClusterState;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.transactions.Transaction;
import org.apache.ignite.transactions.TransactionConcurrency;
import org.apache.ignite.transactions.TransactionIsolation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster store on an embedded Ignite node with native persistence. Every map is one replicated, transactional cache,
 * so each master holds all of it; {@code docs/decisions/0003-cluster-store.md} says why.
 */
public final class IgniteClusterStore implements ClusterStore {
    private static final Logger LOG = LoggerFactory.getLogger(IgniteClusterStore.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");

    /** Ignite's default of 1,024 partitions would be 1,024 files; masters are at most a handful. */
    private static final int PARTITIONS = 16;

    private static final long RETRY_PAUSE_NANOS = 20_000_000L;

    private final ClusterSettings settings;
    private final Clock clock;
    private final StoreDirectory directory;
    private final Ignite ignite;
    /** Whether what Ignite calls an error is one: not in a start that fails, nor while it is interrupted to end. */
    private final AtomicBoolean serving;

    private final Map<String, IgniteCache<String, byte[]>> caches = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private IgniteClusterStore(
            ClusterSettings settings, Clock clock, StoreDirectory directory, Ignite ignite, AtomicBoolean serving) {
        this.serving = serving;
        this.settings = settings;
        this.clock = clock;
        this.directory = directory;
        this.ignite = ignite;
    }

    /**
     * Starts the node, some seconds. The JVM needs Ignite's {@code --add-opens} flags.
     *
     * @param clock what leases and claims expire by
     * @throws HearthException {@code CONFLICT} if another process holds the directory or a port is taken,
     *     {@code UNSUPPORTED_VERSION} for a directory of another format, {@code INTERNAL} otherwise
     */
    public static IgniteClusterStore open(ClusterSettings settings, Clock clock) {
        IgniteNode.quieten();
        StoreDirectory directory = StoreDirectory.open(settings.directory());
        try {
            AtomicBoolean serving = new AtomicBoolean();
            IgniteConfiguration configuration = IgniteNode.configuration(settings, directory, serving);
            long startedAt = System.nanoTime();
            Ignite ignite = Ignition.start(configuration);
            if (ignite.cluster().state() != ClusterState.ACTIVE) {
                ignite.cluster().state(ClusterState.ACTIVE);
            }
            serving.set(true);
            LOG.info(
                    "cluster store open in {} after {} ms",
                    settings.directory(),
                    (System.nanoTime() - startedAt) / 1_000_000);
            return new IgniteClusterStore(settings, clock, directory, ignite, serving);
        } catch (HearthException e) {
            directory.close();
            throw e;
        } catch (RuntimeException e) {
            directory.close();
            throw new HearthException(
                    FailureKind.INTERNAL,
                    "the cluster store in " + settings.directory() + " did not start: " + IgniteFailures.oneLine(e)
                            + "; mend that (an empty store takes 65 MiB of disk), or set cluster.directory",
                    e);
        }
    }

    @Override
    public <V> TransactionalMap<V> map(String name, Codec<V> codec, Durability durability) {
        if (!NAME.matcher(name).matches()) {
            throw new HearthException(
                    FailureKind.INVALID, "'" + name + "' is no name of a map: 1 to 64 of a-z, 0-9, '-'");
        }
        IgniteCache<String, byte[]> cache = IgniteFailures.translated(() ->
                caches.computeIfAbsent(name, key -> ignite.getOrCreateCache(cacheConfiguration(key, durability))));
        return new IgniteMap<>(this, cache, codec, settings.valueMax().bytes());
    }

    @Override
    public <V> DurableQueue<V> queue(String name, Codec<V> codec, int lengthMax) {
        return new MapQueue<>(this, map("queue-" + name, Codec.bytes()), codec, name, lengthMax, clock);
    }

    @Override
    public LeaseTable leases(String name) {
        return new MapLeases(this, map("leases-" + name, Codec.bytes()), clock);
    }

    @Override
    public <T> T transaction(Supplier<T> work) {
        if (inTransaction()) {
            return work.get();
        }
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt(work);
            } catch (RuntimeException e) {
                if (attempt >= settings.transactionAttempts() || !IgniteFailures.conflict(e)) {
                    throw IgniteFailures.translate(e);
                }
                // At random: two that locked each other out end at the same time, and would meet again and again.
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(RETRY_PAUSE_NANOS << Math.min(attempt, 6)));
            }
        }
    }

    private <T> T attempt(Supplier<T> work) {
        try (Transaction transaction = ignite.transactions()
                .txStart(
                        TransactionConcurrency.PESSIMISTIC,
                        TransactionIsolation.REPEATABLE_READ,
                        settings.transactionTimeout().toMillis(),
                        0)) {
            T result = work.get();
            transaction.commit();
            return result;
        }
    }

    boolean inTransaction() {
        return IgniteFailures.translated(() -> ignite.transactions().tx() != null);
    }

    @Override
    public String node() {
        return settings.node();
    }

    @Override
    public boolean ready() {
        return !closed.get() && Ignition.state(ignite.name()) == IgniteState.STARTED;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        serving.set(false);
        Thread stop = new Thread(() -> Ignition.stop(ignite.name(), true), "hearth-cluster-close");
        stop.setDaemon(true);
        stop.start();
        try {
            stop.join(settings.closeTimeout().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (stop.isAlive()) {
            LOG.warn(
                    "the cluster store did not close within {}; its log keeps all that was acknowledged",
                    settings.closeTimeout());
        }
        directory.close();
    }

    private static CacheConfiguration<String, byte[]> cacheConfiguration(String name, Durability durability) {
        boolean durable = durability == Durability.DURABLE;
        return new CacheConfiguration<String, byte[]>(name)
                .setGroupName(durable ? "hearth" : "hearth-volatile")
                .setDataRegionName(durable ? IgniteNode.DURABLE_REGION : IgniteNode.VOLATILE_REGION)
                .setCacheMode(CacheMode.REPLICATED)
                .setAtomicityMode(CacheAtomicityMode.TRANSACTIONAL)
                .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC)
                .setAffinity(new RendezvousAffinityFunction(false, PARTITIONS))
                .setReadFromBackup(true)
                .setCopyOnRead(false)
                .setStatisticsEnabled(false);
    }
}
