package io.hearth.worker.integrity;

import io.hearth.client.Source;
import io.hearth.worker.fill.Fills;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The checks of one worker: stands between its fills and their source, hears of files that were filled, and runs the
 * scrubber and the comparison of whole objects from {@link #start} on. Thread-safe.
 */
public final class Integrity implements AutoCloseable {
    private final IntegritySettings settings;
    private final TierStore store;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final IntegrityMetrics metrics;
    private final OriginDatasets datasets = new OriginDatasets();
    private final Distrusted distrusted;
    private final GuardedOrigin origin;
    private final FilledFiles filled;
    private final Optional<EarlierFiles> earlier;
    private final DescriptorGrants descriptors;
    private final Stop stop = new Stop();
    private Optional<Scrubber> scrubber = Optional.empty();
    private Optional<WholeObjects> wholes = Optional.empty();

    /**
     * @param nanoTime paces what is read
     * @param demand whether somebody waits for the disk now
     */
    public Integrity(
            IntegritySettings settings,
            TierStore store,
            Source origin,
            MeterRegistry registry,
            Clock clock,
            LongSupplier nanoTime,
            BooleanSupplier demand) {
        this.settings = settings;
        this.store = store;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.metrics = new IntegrityMetrics(registry);
        this.distrusted = new Distrusted(clock, settings.checksumRefusal());
        this.origin = new GuardedOrigin(origin, datasets, distrusted, metrics);
        long verifyRate = settings.passthroughVerifyRate().bytes();
        this.earlier = verifyRate == 0
                ? Optional.empty()
                : Optional.of(new EarlierFiles(store, new Pace(verifyRate, nanoTime), demand));
        this.descriptors = new DescriptorGrants(
                store,
                settings.descriptorShare(),
                settings.descriptorShareReaders(),
                file -> earlier.ifPresent(files -> files.accept(file)));
        metrics.watchDescriptors(descriptors::bytes);
        this.filled = new FilledFiles(settings.checksumMinSize().bytes(), settings.checksumQueue(), metrics);
    }

    /** The source that fills are to use. */
    public Source origin() {
        return origin;
    }

    /** To be told of every file that a transfer has brought bytes of. */
    public Consumer<ObjectFile> filled() {
        return filled;
    }

    /**
     * Done, never failed, when a file that was just filled has been held against its origin's checksum as far as that
     * needs no reading, or after {@code worker.checksum-wait}.
     */
    public CompletableFuture<Void> compared(ObjectFile file) {
        return filled.decided(file)
                .completeOnTimeout(null, settings.checksumWait().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Says which files may be handed out as descriptors. */
    public DescriptorGrants descriptors() {
        return descriptors;
    }

    /** Begins to check. Once. */
    public synchronized void start(Fills fills) {
        Refetch refetch = new Refetch(fills, datasets);
        long checksumRate = settings.checksumRate().bytes();
        Optional<ReadPass> pass = checksumRate == 0
                ? Optional.empty()
                : Optional.of(new ReadPass(store, new Pace(checksumRate, nanoTime), stop, metrics));
        WholeObjects comparing = new WholeObjects(
                filled, store, origin, datasets, distrusted, refetch, pass, settings.checksumQueue(), metrics, stop);
        wholes = Optional.of(comparing);
        comparing.start();
        long scrubRate = settings.scrubRate().bytes();
        if (scrubRate > 0) {
            Pace pace = new Pace(scrubRate, nanoTime);
            Scrubber reading = new Scrubber(store, refetch, pace, settings.scrubPause(), clock, metrics);
            scrubber = Optional.of(reading);
            reading.start();
        }
    }

    /** Ends all, within fifteen seconds. */
    @Override
    public synchronized void close() {
        earlier.ifPresent(EarlierFiles::close);
        scrubber.ifPresent(Scrubber::close);
        wholes.ifPresent(WholeObjects::close);
    }
}
