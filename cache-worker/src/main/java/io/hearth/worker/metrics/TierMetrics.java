package io.hearth.worker.metrics;

import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.UpkeepEvents;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** The meters of the tiers' upkeep, all registered when made. Thread-safe. */
public final class TierMetrics implements UpkeepEvents {
    private final Counter evictedAhead;
    private final Counter promoted;
    private final Counter demoted;
    private final Counter promotedBytes;
    private final Counter demotedBytes;
    private final Counter movesAbandoned;
    private volatile List<Tier> tiers = List.of();

    public TierMetrics(MeterRegistry registry) {
        evictedAhead = Counter.builder("hearth.worker.evictions.ahead")
                .description("Objects evicted before anybody waited for their room")
                .baseUnit("objects")
                .register(registry);
        promoted = moves(registry, "faster");
        demoted = moves(registry, "slower");
        promotedBytes = movedBytes(registry, "faster");
        demotedBytes = movedBytes(registry, "slower");
        movesAbandoned = Counter.builder("hearth.worker.tier.moves.abandoned")
                .description("Moves given up: the object was in use or evicted, or the other tier failed")
                .baseUnit("objects")
                .register(registry);
        for (Medium medium : Medium.values()) {
            gauge(
                    registry,
                    medium,
                    "hearth.worker.tiers.out",
                    "Tiers out of service: their disks failed",
                    "tiers",
                    tier -> tier.outOfService() ? 1 : 0);
            gauge(
                    registry,
                    medium,
                    "hearth.worker.tier.space.missing",
                    "Bytes that file systems lack to the floor of free space",
                    "bytes",
                    Tier::missingBytes);
        }
    }

    private static Counter moves(MeterRegistry registry, String to) {
        return Counter.builder("hearth.worker.tier.moves")
                .description("Objects moved to a faster or slower tier")
                .baseUnit("objects")
                .tag("to", to)
                .register(registry);
    }

    private static Counter movedBytes(MeterRegistry registry, String to) {
        return Counter.builder("hearth.worker.tier.moved")
                .description("Resident bytes moved to a faster or slower tier")
                .baseUnit("bytes")
                .tag("to", to)
                .register(registry);
    }

    private void gauge(
            MeterRegistry registry,
            Medium medium,
            String name,
            String description,
            String unit,
            ToLongFunction<Tier> value) {
        Gauge.builder(
                        name,
                        this,
                        metrics -> metrics.tiers.stream()
                                .filter(tier -> tier.spec().medium() == medium)
                                .mapToLong(value)
                                .sum())
                .description(description)
                .baseUnit(unit)
                .tag("medium", medium.name().toLowerCase(Locale.ROOT))
                .strongReference(true)
                .register(registry);
    }

    /** Lets the gauges show these. */
    public void watch(List<Tier> watched) {
        tiers = List.copyOf(watched);
    }

    @Override
    public void evictedAhead() {
        evictedAhead.increment();
    }

    @Override
    public void moved(boolean faster, long residentBytes) {
        (faster ? promoted : demoted).increment();
        (faster ? promotedBytes : demotedBytes).increment(residentBytes);
    }

    @Override
    public void moveAbandoned() {
        movesAbandoned.increment();
    }
}
