package io.hearth.worker;

import com.linecorp.armeria.server.ServerBuilder;
import io.hearth.client.MasterApi;
import io.hearth.client.Source;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.api.WorkerRegistration.TierUse;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.worker.descriptor.DescriptorMetrics;
import io.hearth.worker.descriptor.DescriptorSocket;
import io.hearth.worker.descriptor.KernelKeeper;
import io.hearth.worker.descriptor.OpenGrants;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.fill.FillSlots;
import io.hearth.worker.fill.Fills;
import io.hearth.worker.integrity.Integrity;
import io.hearth.worker.lend.LendMetrics;
import io.hearth.worker.lend.Lending;
import io.hearth.worker.memory.MemoryBudget;
import io.hearth.worker.memory.MemoryMetrics;
import io.hearth.worker.memory.SlabPool;
import io.hearth.worker.metrics.TierMetrics;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.net.DataPlaneServer;
import io.hearth.worker.net.SendLimit;
import io.hearth.worker.share.KeptLeases;
import io.hearth.worker.share.LeaseClock;
import io.hearth.worker.share.Shares;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierIo;
import io.hearth.worker.tier.TierStore;
import io.hearth.worker.tier.TierUpkeep;
import io.hearth.worker.tier.UpkeepThread;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * A running worker: tiers, fills, data plane, membership. Serves from the moment {@link #start} returns, whether or not
 * a master answers. Thread-safe.
 */
public final class Worker implements AutoCloseable {
    private final WorkerSettings settings;
    private final IntSupplier adminPort;
    private final ArrayDeque<AutoCloseable> parts;
    private final WorkerIdentity identity;
    private final TierStore store;
    private final DiskThreads disk;
    private final Shares shares;
    private final Lending lending;
    private final DataPlaneServer dataPlane;
    private final Membership membership;
    private volatile boolean closed;

    private Worker(
            WorkerConfig config,
            MasterApi master,
            ClusterToken token,
            Source origin,
            MeterRegistry registry,
            Clock clock,
            IntSupplier adminPort,
            TierIo io,
            ArrayDeque<AutoCloseable> parts) {
        this.settings = config.worker();
        this.adminPort = adminPort;
        this.parts = parts;
        WorkerMetrics metrics = new WorkerMetrics(registry);
        ResidencyLog residency = new ResidencyLog();
        identity = own(WorkerIdentity.take(settings.directory()));
        disk = new DiskThreads(settings.diskThreads(), settings.diskQueue());
        TierEnvironment environment = TierEnvironment.of(
                        io,
                        new Events(metrics, residency),
                        disk,
                        clock,
                        settings.openFiles(),
                        settings.fullPause().toMillis())
                .with(config.tiers());
        store = own(TierStore.open(
                settings.tierSpecs(),
                environment,
                () -> settings.evictionPolicy().policy(settings.evictionGhosts())));
        own(disk);
        AtomicReference<BooleanSupplier> masterReachable = new AtomicReference<>(() -> false);
        // Before anything can evict.
        KeptLeases leases = new KeptLeases(settings.directory().resolve("leases"), store);
        TierMetrics tierMetrics = new TierMetrics(registry);
        tierMetrics.watch(store.tiers());
        own(UpkeepThread.start(new TierUpkeep(store, environment, tierMetrics, System::nanoTime), config.tiers()));
        // Each piece of a block that is filled waits for one slab at most, and so does each stream.
        MemoryBudget memory =
                new MemoryBudget(settings.pooledBytes(), (Geometry.CHUNKS_PER_BLOCK + 1) * settings.fillSlots());
        MemoryMetrics.register(registry, memory);
        SlabPool buffers = new SlabPool(Geometry.CHUNK_BYTES, memory);
        FillSlots slots = new FillSlots(
                settings.fillSlots(), settings.fillQueue(), settings.prefetchQueue(), settings.shareBlocks());
        FillSlots streams = new FillSlots(settings.fillSlots(), settings.fillQueue(), 1, 1);
        Integrity integrity = new Integrity(
                config.integrity(), store, origin, registry, clock, System::nanoTime, () -> disk.size() > 0);
        Fills fills = own(new Fills(
                integrity.origin(),
                store,
                disk,
                buffers,
                slots,
                streams,
                config.prefetch(),
                metrics,
                integrity.filled()));
        own(integrity).start(fills);
        shares = own(new Shares(
                identity.id(),
                identity.incarnation(),
                store,
                fills,
                disk,
                metrics,
                settings.shares(),
                leases,
                integrity::compared,
                new LeaseClock(
                        System::nanoTime,
                        () -> masterReachable.get().getAsBoolean(),
                        config.leases().withoutMaster())));
        metrics.watchTiers(store.tiers(), store::size);
        metrics.watchFills(
                () -> slots.running() + streams.running(),
                () -> slots.waiting() + streams.waiting(),
                buffers::usedBytes);
        SendLimit sendLimit = new SendLimit(System::nanoTime);
        lending = own(Lending.start(config.lending(), store, sendLimit, new LendMetrics(registry), clock));
        DescriptorMetrics descriptorMetrics = new DescriptorMetrics(registry);
        OpenGrants grants = new OpenGrants(config.descriptors().descriptorsMax(), descriptorMetrics);
        KernelKeeper keeper = own(KernelKeeper.of(config.keep(), descriptorMetrics, store.tiers()));
        DescriptorSocket.start(
                        config.descriptors(),
                        identity.id(),
                        identity.incarnation(),
                        store,
                        integrity.descriptors(),
                        grants,
                        disk,
                        keeper)
                .ifPresent(this::own);
        dataPlane = own(DataPlaneServer.start(
                new InetSocketAddress(settings.host(), settings.dataPort()),
                identity.id(),
                identity.incarnation(),
                token,
                store,
                fills,
                disk,
                grants,
                settings.limits(),
                sendLimit,
                metrics));
        membership = own(new Membership(
                master,
                this::registration,
                store,
                residency,
                metrics,
                clock,
                settings.reportInterval(),
                settings.masterTimeout()));
        masterReachable.set(membership::registered);
    }

    /**
     * Opens the tiers, restores their cache, listens, and begins to look for a master. Blocks for the scan of the
     * tiers.
     *
     * @param master not closed by the worker
     * @param token asked of whoever connects to the data plane
     * @param origin where missing bytes come from; not closed by the worker
     * @param adminPort the port of the server that {@link #install} was given; 0 while it is not known, and the worker
     *     registers once it is
     * @throws HearthException in one line, if a port or a directory cannot be had; nothing is left
     *     running or locked then
     */
    public static Worker start(
            WorkerConfig config,
            MasterApi master,
            ClusterToken token,
            Source origin,
            MeterRegistry registry,
            Clock clock,
            IntSupplier adminPort) {
        return start(config, master, token, origin, registry, clock, adminPort, new FileTierIo());
    }

    /** @param io what the tiers do to their files: a test's may fail, or stop for good in mid-write */
    static Worker start(
            WorkerConfig config,
            MasterApi master,
            ClusterToken token,
            Source origin,
            MeterRegistry registry,
            Clock clock,
            IntSupplier adminPort,
            TierIo io) {
        ArrayDeque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return new Worker(config, master, token, origin, registry, clock, adminPort, io, parts);
        } catch (RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    private <T extends AutoCloseable> T own(T part) {
        parts.push(part);
        return part;
    }

    private Optional<WorkerRegistration> registration() {
        int port = adminPort.getAsInt();
        if (port == 0) {
            return Optional.empty();
        }
        List<TierUse> tiers = store.tiers().stream()
                .map(tier -> new TierUse(
                        tier.spec().medium().name(),
                        tier.spec().directory().toString(),
                        tier.quotaBytes(),
                        tier.usedBytes()))
                .toList();
        String version = Optional.ofNullable(Worker.class.getPackage().getImplementationVersion())
                .orElse("dev");
        String host = settings.advertisedHost().orElse(settings.host());
        return Optional.of(new WorkerRegistration(
                identity.id(), identity.incarnation(), host, dataPlane.port(), port, version, tiers, lending.state()));
    }

    /** Adds evictions, shares of loads and lending to the server of the admin port, which the caller owns. */
    public void install(ServerBuilder server) {
        server.route().post("/v1/evictions").build(new EvictionService(store, disk));
        new ShareService(shares, disk).install(server);
        new LendingService(lending, disk).install(server);
    }

    /**
     * Whether a cache is served: it is not while every tier is out of service. A master is not needed for that; nor are
     * readers turned away without: their bytes pass through.
     */
    public boolean ready() {
        return !closed && !store.tiers().stream().allMatch(Tier::outOfService);
    }

    /** What this worker goes without, in one line each: tiers whose disks failed. Empty when all is well. */
    public List<String> faults() {
        return store.tiers().stream()
                .filter(Tier::outOfService)
                .map(tier -> "tier " + tier.spec().directory() + " is out of service: its disk failed")
                .toList();
    }

    /** Whether a master counted this worker in at the last contact. */
    public boolean registered() {
        return membership.registered();
    }

    /** For tests: what no wire shows. */
    TierStore store() {
        return store;
    }

    /** The port of the data plane. */
    public int dataPort() {
        return dataPlane.port();
    }

    /** The worker's name, the same in every life. */
    public String id() {
        return identity.id();
    }

    /** Which life this is, from 1 on. */
    public long incarnation() {
        return identity.incarnation();
    }

    /** Says good-bye to the master, closes connections and files; the cache stays on disk. Within about 20 seconds. */
    @Override
    public void close() {
        closed = true;
        closeAll(parts);
    }

    /** In the reverse order of their start. */
    private static void closeAll(ArrayDeque<AutoCloseable> parts) {
        Optional<Exception> first = Optional.empty();
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                first = first.or(() -> Optional.of(e));
            }
        }
        first.ifPresent(failure -> {
            throw HearthException.of(failure);
        });
    }

    private record Events(WorkerMetrics metrics, ResidencyLog residency) implements TierEvents {
        @Override
        public void residencyChanged(ObjectId object) {
            residency.changed(object);
        }

        @Override
        public void evicted(long residentBytes) {
            metrics.evicted(residentBytes);
        }

        @Override
        public void blockEvicted(long residentBytes) {
            metrics.blockEvicted(residentBytes);
        }

        @Override
        public void verified() {
            metrics.chunkVerified();
        }

        @Override
        public void corrupt() {
            metrics.chunkCorrupt();
        }

        @Override
        public void foreignFile() {
            metrics.foreignFile();
        }
    }
}
