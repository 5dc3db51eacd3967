package io.hearth.master;

import io.hearth.protocol.api.DatasetSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What recurs: refreshing datasets that are in use, ending sessions, collecting generations, noticing lost workers. */
final class Housekeeping {
    private final Catalog catalog;
    private final Sessions sessions;
    private final Listings listings;
    private final GenerationCollector collector;
    private final Membership membership;
    private final MasterSettings settings;
    private final Clock clock;
    private final MasterMetrics metrics;

    Housekeeping(
            Catalog catalog,
            Sessions sessions,
            Listings listings,
            GenerationCollector collector,
            Membership membership,
            MasterSettings settings,
            Clock clock,
            MasterMetrics metrics) {
        this.catalog = catalog;
        this.sessions = sessions;
        this.listings = listings;
        this.collector = collector;
        this.membership = membership;
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
    }

    void start(OwnedThreads threads) {
        threads.every(settings.refreshTick(), "refreshing datasets", this::refresh);
        threads.every(settings.sweepInterval(), "sweeping", () -> threads.api().execute(this::sweep));
        threads.every(settings.workerHeartbeat(), "watching workers", membership::expire);
    }

    /** Asks for a listing of every dataset in use whose newest one is older than its users take. */
    void refresh() {
        sessions.byDataset()
                .forEach((name, users) -> catalog.find(name).ifPresent(dataset -> {
                    Optional<Duration> interval = interval(dataset, users);
                    long sinceMs = clock.millis() - lastListingMs(dataset);
                    if (interval.isPresent() && sinceMs >= interval.get().toMillis() && !listings.busy(dataset.uid())) {
                        listings.request(dataset, () -> {}).exceptionally(failure -> null); // Its status says why.
                    }
                }));
    }

    private Optional<Duration> interval(StoredDataset dataset, List<StoredSession> users) {
        Optional<Duration> own =
                MountPlan.refresh(dataset.spec().refresh().orElse(DatasetSpec.REFRESH_DEFAULT), settings);
        Stream<Optional<Duration>> asked =
                users.stream().flatMap(user -> user.refresh().stream()).map(text -> MountPlan.refresh(text, settings));
        return Stream.concat(Stream.of(own), asked).flatMap(Optional::stream).min(Comparator.naturalOrder());
    }

    private long lastListingMs(StoredDataset dataset) {
        return listings.lastStartedMs(dataset.uid())
                .orElseGet(() -> dataset.current()
                        .map(listed -> listed.listedAtMs() - listed.listingMs())
                        .orElse(dataset.createdAtMs()));
    }

    void sweep() {
        sessions.expire().forEach(collector::consider);
        collector.sweep(listings::runExclusively);
        metrics.sessions.set(sessions.count());
        metrics.datasets.set(catalog.count());
    }
}
