package io.hearth.master;

import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.LeaseTable;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.generation.Generation;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listing of one dataset: list, write what is new, switch, tell who waits, collect what nobody holds. */
final class ListingRun {
    private static final Logger LOG = LoggerFactory.getLogger(ListingRun.class);

    private final ClusterStore store;
    private final Catalog catalog;
    private final GenerationLister lister;
    private final GenerationStore generations;
    private final GenerationCollector collector;
    private final ChangeSignals signals;
    private final LeaseTable leases;
    private final String node;
    private final MasterSettings settings;
    private final Clock clock;
    private final MasterMetrics metrics;

    ListingRun(
            ClusterStore store,
            Catalog catalog,
            GenerationLister lister,
            GenerationStore generations,
            GenerationCollector collector,
            ChangeSignals signals,
            MasterSettings settings,
            Clock clock,
            MasterMetrics metrics) {
        this.store = store;
        this.catalog = catalog;
        this.lister = lister;
        this.generations = generations;
        this.collector = collector;
        this.signals = signals;
        this.leases = store.leases("listings");
        this.node = store.node();
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** @param acknowledge removes the jobs from the queue; run in the transaction that records the outcome */
    void run(ListingJob job, Runnable acknowledge) {
        Optional<StoredDataset> dataset =
                catalog.find(job.dataset()).filter(stored -> stored.uid().equals(job.uid()));
        if (dataset.isEmpty()) {
            store.transact(acknowledge);
            throw new HearthException(FailureKind.NOT_FOUND, "the dataset " + job.dataset() + " was deleted meanwhile");
        }
        LeaseTable.Lease lease = leases.acquire(job.uid(), node, settings.listingLease())
                .orElseThrow(() -> new HearthException(
                        FailureKind.UNAVAILABLE, "another master is listing " + job.dataset() + ": try again"));
        try {
            list(dataset.get(), acknowledge);
        } finally {
            leases.release(lease);
            signals.changed(job.uid());
        }
    }

    private void list(StoredDataset dataset, Runnable acknowledge) {
        DatasetName name = dataset.datasetName();
        long startedMs = clock.millis();
        Generation listing;
        try {
            GenerationStore.SegmentWriter segments = generations.writer(dataset.uid());
            listing = lister.list(MountPlan.of(name, dataset.spec(), settings), segments);
            generations.put(dataset.uid(), listing);
            metrics.segmentsWritten.increment(segments.written());
        } catch (RuntimeException e) {
            if (!lister.closed()) { // Shutdown is no failure of the listing.
                failed(dataset, HearthException.of(e), acknowledge);
            }
            throw e;
        }
        long endedMs = clock.millis();
        boolean changed =
                !dataset.current().map(StoredDataset.CurrentListing::generation).equals(Optional.of(listing.id()));
        store.transact(() -> {
            catalog.change(
                    name,
                    dataset.uid(),
                    stored -> stored.withListing(StoredDataset.CurrentListing.of(listing, startedMs, endedMs)));
            acknowledge.run();
        });
        metrics.listing.record(endedMs - startedMs, TimeUnit.MILLISECONDS);
        metrics.listedKeys.increment(listing.files());
        if (changed) {
            metrics.generationsMade.increment();
            LOG.info(
                    "{}: generation {} with {} files, {} bytes",
                    name,
                    listing.id().substring(0, 12),
                    listing.files(),
                    listing.bytes());
            signals.changed(dataset.uid());
            collector.consider(dataset.uid(), name);
        }
    }

    private void failed(StoredDataset dataset, HearthException failure, Runnable acknowledge) {
        metrics.listingFailures.increment();
        if (!dataset.failure().equals(Optional.of(failure.getMessage()))) {
            LOG.warn("{}: {}", dataset.datasetName(), failure.getMessage());
        }
        store.transact(() -> {
            catalog.change(dataset.datasetName(), dataset.uid(), stored -> stored.withFailure(failure.getMessage()));
            acknowledge.run();
        });
    }
}
