package io.hearth.worker.metrics;

import io.hearth.protocol.FailureKind;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.Tier;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** The meters of a worker, all registered when made. Thread-safe. */
public final class WorkerMetrics {
    /** Where served bytes came from. */
    public enum Served {
        /** They were resident when asked for. */
        TIER,
        /** The reader waited for a fill. */
        FILL,
        /** They passed through from the origin and were not kept. */
        UNCACHED
    }

    private final MeterRegistry registry;
    private final Map<Served, Counter> chunks = new EnumMap<>(Served.class);
    private final Map<Served, Counter> bytes = new EnumMap<>(Served.class);
    private final Map<FailureKind, Counter> requestFailures = new EnumMap<>(FailureKind.class);
    private final Map<FailureKind, Counter> fillFailures = new EnumMap<>(FailureKind.class);
    private final Counter requests;
    private final Counter prefetchesDropped;
    private final Counter malformed;
    private final Counter refused;
    private final Timer fills;
    private final Counter fillBytes;
    private final Counter evictions;
    private final Counter evictedBytes;
    private final Counter verified;
    private final Counter corrupt;
    private final Counter foreignFiles;
    private final Counter sharesRefused;
    private final Counter sharesExpired;
    private final Counter shareVerifiedBytes;
    private final Counter shareMismatches;
    private final Counter reports;
    private final Counter masterFailures;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private volatile List<Tier> tiers = List.of();
    private volatile LongSupplier fillMemory = () -> 0;
    private volatile LongSupplier fillsRunning = () -> 0;
    private volatile LongSupplier fillsWaiting = () -> 0;
    private volatile LongSupplier objects = () -> 0;
    private volatile LongSupplier shares = () -> 0;
    private volatile LongSupplier shareBlocks = () -> 0;

    public WorkerMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Served source : Served.values()) {
            String name = source.name().toLowerCase(Locale.ROOT);
            chunks.put(
                    source,
                    tagged(
                            "hearth.worker.chunks.served",
                            "Chunks, or parts of one, sent to readers: tier are hits, fill"
                                    + " and uncached are misses",
                            "chunks",
                            "source",
                            name));
            bytes.put(
                    source,
                    tagged(
                            "hearth.worker.bytes.served",
                            "Bytes sent to readers, by where they came from",
                            "bytes",
                            "source",
                            name));
        }
        for (FailureKind kind : FailureKind.values()) {
            requestFailures.put(
                    kind,
                    tagged(
                            "hearth.worker.requests.failed",
                            "Reads answered with a failure",
                            "requests",
                            "kind",
                            kind.code()));
            fillFailures.put(
                    kind,
                    tagged(
                            "hearth.worker.fills.failed",
                            "Fills that ended in a failure",
                            "fills",
                            "kind",
                            kind.code()));
        }
        requests = counter("hearth.worker.requests", "Reads asked for", "requests");
        prefetchesDropped =
                counter("hearth.worker.prefetches.dropped", "Prefetches not taken: the queue was full", "prefetches");
        malformed =
                counter("hearth.worker.frames.malformed", "Connections closed for a frame that broke a rule", "frames");
        refused = counter(
                "hearth.worker.connections.refused",
                "Connections not taken: too many, or another version",
                "connections");
        fills = Timer.builder("hearth.worker.fills")
                .description("Blocks fetched from the origin, and how long each took")
                .register(registry);
        fillBytes = counter("hearth.worker.fill.bytes", "Bytes written to tiers", "bytes");
        evictions = counter("hearth.worker.evictions", "Objects that left a tier", "objects");
        evictedBytes = counter(
                "hearth.worker.evicted.bytes",
                "Resident bytes that left a tier, with their object or block by block",
                "bytes");
        verified = counter(
                "hearth.worker.chunks.verified", "Chunks of an earlier life that passed their first check", "chunks");
        corrupt = counter(
                "hearth.worker.chunks.corrupt", "Chunks on disk that failed their check and were dropped", "chunks");
        foreignFiles = counter(
                "hearth.worker.files.foreign", "Files of another build, found at start and left alone", "files");
        sharesRefused = counter("hearth.worker.shares.refused", "Shares of loads that had no room", "shares");
        sharesExpired = counter(
                "hearth.worker.shares.expired", "Shares of loads that no master asked about any more", "shares");
        shareVerifiedBytes = counter(
                "hearth.worker.share.bytes.verified", "Bytes that shares of loads read back and found right", "bytes");
        shareMismatches = counter(
                "hearth.worker.share.chunks.mismatched",
                "Chunks that shares of loads read back and that differed from their checksum",
                "chunks");
        reports = counter("hearth.worker.reports", "Residency reports that a master took", "reports");
        masterFailures = counter("hearth.worker.master.failures", "Calls to the master that failed", "calls");
        gauges();
    }

    private void gauges() {
        gauge("hearth.worker.connections", "Open data-plane connections", "connections", connections::get);
        gauge("hearth.worker.requests.running", "Reads being answered", "requests", running::get);
        gauge(
                "hearth.worker.fills.running",
                "Transfers from the origin under way",
                "fills",
                () -> fillsRunning.getAsLong());
        gauge("hearth.worker.fills.waiting", "Transfers that wait for a slot", "fills", () -> fillsWaiting.getAsLong());
        gauge("hearth.worker.fill.memory", "Memory of buffers in use by fills", "bytes", () -> fillMemory.getAsLong());
        gauge("hearth.worker.objects", "Objects in the tiers", "objects", () -> objects.getAsLong());
        gauge("hearth.worker.shares", "Shares of loads that this worker keeps", "shares", () -> shares.getAsLong());
        gauge(
                "hearth.worker.share.blocks",
                "Blocks that shares of loads have under way",
                "blocks",
                () -> shareBlocks.getAsLong());
        for (Medium medium : Medium.values()) {
            tierGauge(
                    "hearth.worker.tier.held",
                    "Bytes of the quota that are not evicted for room: read, filled or leased",
                    medium,
                    Tier::heldBytes);
            tierGauge(
                    "hearth.worker.tier.quota",
                    "Bytes lent: the quotas, less what the node wanted back",
                    medium,
                    Tier::quotaBytes);
            tierGauge(
                    "hearth.worker.tier.used",
                    "Bytes taken of the quota: whole objects, zombies too",
                    medium,
                    Tier::usedBytes);
            tierGauge(
                    "hearth.worker.tier.zombie",
                    "Bytes of evicted objects that readers still hold",
                    medium,
                    Tier::zombieBytes);
        }
    }

    private Counter counter(String name, String description, String unit) {
        return Counter.builder(name).description(description).baseUnit(unit).register(registry);
    }

    private Counter tagged(String name, String description, String unit, String tag, String value) {
        return Counter.builder(name)
                .description(description)
                .baseUnit(unit)
                .tag(tag, value)
                .register(registry);
    }

    private void gauge(String name, String description, String unit, LongSupplier value) {
        Gauge.builder(name, value, LongSupplier::getAsLong)
                .description(description)
                .baseUnit(unit)
                .strongReference(true)
                .register(registry);
    }

    private void tierGauge(String name, String description, Medium medium, ToLongFunction<Tier> value) {
        Gauge.builder(
                        name,
                        this,
                        metrics -> metrics.tiers.stream()
                                .filter(tier -> tier.spec().medium() == medium)
                                .mapToLong(value)
                                .sum())
                .description(description)
                .baseUnit("bytes")
                .tag("medium", medium.name().toLowerCase(Locale.ROOT))
                .strongReference(true)
                .register(registry);
    }

    /** Lets the tiers' gauges show these. */
    public void watchTiers(List<Tier> watched, LongSupplier objectCount) {
        tiers = List.copyOf(watched);
        objects = objectCount;
    }

    /** Lets the fills' gauges show these. */
    public void watchFills(LongSupplier runningFills, LongSupplier waitingFills, LongSupplier memoryBytes) {
        fillsRunning = runningFills;
        fillsWaiting = waitingFills;
        fillMemory = memoryBytes;
    }

    /** Lets the shares' gauges show these. */
    public void watchShares(LongSupplier shareCount, LongSupplier blocksUnderWay) {
        shares = shareCount;
        shareBlocks = blocksUnderWay;
    }

    public void served(Served source, long served) {
        chunks.get(source).increment();
        bytes.get(source).increment(served);
    }

    public void requestStarted() {
        requests.increment();
        running.incrementAndGet();
    }

    public void requestEnded() {
        running.decrementAndGet();
    }

    public void requestFailed(FailureKind kind) {
        requestFailures.get(kind).increment();
    }

    public void prefetchDropped() {
        prefetchesDropped.increment();
    }

    public void malformedFrame() {
        malformed.increment();
    }

    public void connectionRefused() {
        refused.increment();
    }

    /** Counts a connection in; gives how many there are now. */
    public int connectionOpened() {
        return connections.incrementAndGet();
    }

    public void connectionClosed() {
        connections.decrementAndGet();
    }

    public void filled(long nanos) {
        fills.record(nanos, TimeUnit.NANOSECONDS);
    }

    public void fillFailed(FailureKind kind) {
        fillFailures.get(kind).increment();
    }

    public void filledBytes(long written) {
        fillBytes.increment(written);
    }

    public void blockEvicted(long residentBytes) {
        evictedBytes.increment(residentBytes);
    }

    public void evicted(long residentBytes) {
        evictions.increment();
        evictedBytes.increment(residentBytes);
    }

    public void chunkVerified() {
        verified.increment();
    }

    public void chunkCorrupt() {
        corrupt.increment();
    }

    public void foreignFile() {
        foreignFiles.increment();
    }

    public void shareRefused() {
        sharesRefused.increment();
    }

    public void shareExpired() {
        sharesExpired.increment();
    }

    public void shareVerified(long readBackBytes) {
        shareVerifiedBytes.increment(readBackBytes);
    }

    public void shareMismatch() {
        shareMismatches.increment();
    }

    public void reported() {
        reports.increment();
    }

    public void masterFailed() {
        masterFailures.increment();
    }
}
