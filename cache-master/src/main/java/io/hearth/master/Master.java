package io.hearth.master;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.ServerBuilder;
import io.hearth.cluster.ClusterStore;
import io.hearth.master.api.ApiErrors;
import io.hearth.master.api.ApiPart;
import io.hearth.master.api.ApiService;
import io.hearth.master.api.TokenShown;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A master over a cluster store. The caller owns the store and the HTTP server: it starts the master, lets it install
 * its routes, starts the server; and closes in the reverse order. Thread-safe.
 */
public final class Master implements AutoCloseable {
    private static final long CLIENT_CLOSE_MS = 2000;

    private final ClusterStore store;
    private final OwnedThreads threads;
    private final EventLoopGroup clientLoop;
    private final ClientFactory clients;
    private final ChangeSignals signals;
    private final GenerationLister lister;
    private final Listings listings;
    private final MasterRoutes routes;
    private final DatasetTrees trees;
    private final LiveWorkers workers;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * {@link #start(MasterSettings, ClusterStore, ObjectStoreFactory, MeterRegistry, Clock, ClusterToken, Map)} with the environment
     * of this process.
     */
    public static Master start(
            MasterSettings settings,
            ClusterStore store,
            ObjectStoreFactory stores,
            MeterRegistry registry,
            Clock clock,
            ClusterToken token) {
        return start(settings, store, stores, registry, clock, token, System.getenv());
    }

    /**
     * Takes up what the store holds: datasets, sessions, listings that wait. Blocks for as long as that takes, some
     * milliseconds.
     *
     * @param token shown to workers
     * @param environment where credentials of the form {@code env:PREFIX} are
     */
    public static Master start(
            MasterSettings settings,
            ClusterStore store,
            ObjectStoreFactory stores,
            MeterRegistry registry,
            Clock clock,
            ClusterToken token,
            Map<String, String> environment) {
        return new Master(settings, store, stores, registry, clock, token, environment);
    }

    private Master(
            MasterSettings settings,
            ClusterStore store,
            ObjectStoreFactory stores,
            MeterRegistry registry,
            Clock clock,
            ClusterToken token,
            Map<String, String> environment) {
        this.store = store;
        threads = new OwnedThreads(settings);
        clientLoop = EventLoopGroups.newEventLoopGroup(1, "hearth-master-client", true);
        clients = ClientFactory.builder().workerGroup(clientLoop, false).build();
        signals = new ChangeSignals(threads);
        MasterMetrics metrics = new MasterMetrics(registry);
        Supplier<String> ids = new RandomIds();
        CredentialReferences credentials = new CredentialReferences(environment, settings.secretsDir());
        Catalog catalog = new Catalog(store, settings);
        GenerationStore generations = new GenerationStore(store);
        Membership membership = new Membership(settings, clock, metrics);
        Sessions sessions = new Sessions(
                store, catalog, signals, membership::addresses, ids, threads.api(), settings, clock, metrics);
        GenerationPins pins = new GenerationPins();
        ObjectIndexes indexes = new ObjectIndexes(generations, settings);
        ReadingOrders orders = new ReadingOrders(store, indexes, settings);
        GenerationCollector collector = new GenerationCollector(
                catalog,
                generations,
                orders,
                uid -> union(sessions.pinned(uid), pins.of(uid)),
                settings,
                clock,
                metrics);
        lister = new GenerationLister(stores, credentials, settings, clock);
        ListingRun run =
                new ListingRun(store, catalog, lister, generations, collector, signals, settings, clock, metrics);
        listings = new Listings(store, run, settings, clock, metrics);
        WebClient workerClient = WebClient.builder()
                .factory(clients)
                .decorator(new TokenShown(token))
                .responseTimeout(settings.evictionTimeout())
                .build();
        Evictions evictions = new Evictions(catalog, generations, membership, workerClient, settings, metrics);
        Datasets datasets = new Datasets(
                catalog,
                new OriginChecks(stores, credentials, settings),
                listings,
                collector,
                sessions,
                membership,
                new ResidencyView(membership, indexes),
                evictions,
                credentials,
                ids,
                settings,
                clock,
                metrics);
        Housekeeping housekeeping =
                new Housekeeping(catalog, sessions, listings, collector, membership, settings, clock, metrics);
        routes = new MasterRoutes(
                datasets,
                sessions,
                collector,
                catalog,
                generations,
                orders,
                membership,
                evictions,
                settings,
                metrics.api);
        trees = new StoredTrees(catalog, generations, pins, collector, listings, signals, settings, clock);
        workers = membership::registrations;
        sessions.restore();
        collector.restore();
        listings.start(threads);
        housekeeping.start(threads);
    }

    /** Adds the routes under {@code /v1}, those of {@code others} among them, and the form of errors. */
    public ServerBuilder install(ServerBuilder server, ApiPart... others) {
        ApiPart own = routes.part(List.of(others));
        Stream.concat(Stream.of(own), Stream.of(others))
                .flatMap(part -> part.routes().stream())
                .forEach(route -> server.route()
                        .methods(route.operation().method())
                        .path(route.operation().path())
                        .maxRequestLength(route.bodyMax())
                        .build(new ApiService(route, threads.api())));
        return server.errorHandler(new ApiErrors());
    }

    /** The datasets' trees. */
    public DatasetTrees trees() {
        return trees;
    }

    /** The workers that are there now. */
    public LiveWorkers workers() {
        return workers;
    }

    /** Whether requests can be answered. */
    public boolean ready() {
        return !closed.get() && store.ready();
    }

    /**
     * Answers who waits, and stops within {@code master.close-timeout}. Listings under way go on after the next start.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        signals.close();
        lister.close();
        listings.close();
        threads.close();
        clients.close();
        // Netty's own default would wait two quiet seconds.
        clientLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(CLIENT_CLOSE_MS);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        return Stream.of(one, other).flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());
    }
}
