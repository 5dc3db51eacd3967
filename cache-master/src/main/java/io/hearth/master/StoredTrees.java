package io.hearth.master;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@link DatasetTrees} over the catalog and the stored generations. */
final class StoredTrees implements DatasetTrees {
    private final Catalog catalog;
    private final GenerationStore generations;
    private final GenerationPins pins;
    private final GenerationCollector collector;
    private final Listings listings;
    private final ChangeSignals signals;
    private final MasterSettings settings;
    private final Clock clock;

    StoredTrees(
            Catalog catalog,
            GenerationStore generations,
            GenerationPins pins,
            GenerationCollector collector,
            Listings listings,
            ChangeSignals signals,
            MasterSettings settings,
            Clock clock) {
        this.catalog = catalog;
        this.generations = generations;
        this.pins = pins;
        this.collector = collector;
        this.listings = listings;
        this.signals = signals;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<PinnedTree> newest(DatasetName name, boolean anew) {
        StoredDataset dataset = catalog.require(name);
        if (!anew && dataset.current().isEmpty() && dataset.failure().isEmpty()) {
            CompletableFuture<Void> first = signals.next(dataset.uid(), settings.firstListingWait());
            if (catalog.require(name).current().isPresent()) {
                first.complete(null);
            }
            return first.thenApply(done -> pinCurrent(name));
        }
        if (!anew && !stale(dataset)) {
            return CompletableFuture.completedFuture(pinCurrent(name));
        }
        return listings.request(dataset, () -> {}).handle((done, failure) -> {
            if (failure != null && (anew || dataset.current().isEmpty())) {
                throw HearthException.of(failure);
            }
            return pinCurrent(name);
        });
    }

    private boolean stale(StoredDataset dataset) {
        if (dataset.current().isEmpty()) {
            return true;
        }
        Optional<Duration> bound =
                MountPlan.refresh(dataset.spec().refresh().orElse(DatasetSpec.REFRESH_DEFAULT), settings);
        StoredDataset.CurrentListing listed = dataset.current().get();
        long ageMs = clock.millis() - (listed.listedAtMs() - listed.listingMs());
        return bound.isPresent() && ageMs > bound.get().toMillis();
    }

    /** A switch between reading and pinning is seen by reading again, as with sessions. */
    private PinnedTree pinCurrent(DatasetName name) {
        while (true) {
            StoredDataset dataset = catalog.require(name);
            String current = dataset.currentId();
            Tree tree = new Tree(name, dataset.uid(), current);
            if (catalog.require(name).currentId().equals(current)) {
                return tree.read();
            }
            tree.close();
        }
    }

    @Override
    public Optional<PinnedTree> find(DatasetName name, String datasetUid, String generation) {
        if (!exists(name, datasetUid)) {
            return Optional.empty();
        }
        Tree tree = new Tree(name, datasetUid, generation);
        try {
            return Optional.of(tree.read());
        } catch (HearthException e) {
            if (e.kind() == FailureKind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public boolean exists(DatasetName name, String datasetUid) {
        return catalog.find(name)
                .filter(dataset -> dataset.uid().equals(datasetUid))
                .isPresent();
    }

    private final class Tree implements PinnedTree {
        private final DatasetName name;
        private final String uid;
        private final String id;
        private final AtomicBoolean closed = new AtomicBoolean();
        private Generation generation;

        Tree(DatasetName name, String uid, String id) {
            this.name = name;
            this.uid = uid;
            this.id = id;
            pins.pin(uid, id);
        }

        Tree read() {
            try {
                generation = generations.generation(uid, id);
                return this;
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        @Override
        public String datasetUid() {
            return uid;
        }

        @Override
        public Generation generation() {
            return generation;
        }

        @Override
        public Segment segment(int number) {
            return generations.require(uid, generation.segments().get(number));
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                pins.unpin(uid, id);
                collector.consider(uid, name);
            }
        }
    }
}
