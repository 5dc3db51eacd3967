package io.hearth.prefetch;

import io.hearth.master.api.ApiMetrics;
import io.hearth.protocol.api.LoadPhase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The load engine's meters, all registered at start. */
public final class LoadMetrics {
    final ApiMetrics api;
    final Timer duration;
    final Counter rounds;
    final Counter sharesLost;
    final Counter originBytes;
    final Counter verifiedBytes;
    final AtomicLong active;
    final AtomicLong watches;
    private final Map<LoadPhase, Counter> ended = new EnumMap<>(LoadPhase.class);

    public LoadMetrics(MeterRegistry registry) {
        api = new ApiMetrics(registry, LoadOperation.all());
        duration = Timer.builder("hearth.loads.duration")
                .description("Time of loads from start to end")
                .register(registry);
        rounds = Counter.builder("hearth.loads.rounds")
                .description("Rounds of loads begun, retries included")
                .register(registry);
        sharesLost = Counter.builder("hearth.loads.shares.lost")
                .description("Times that a worker did not answer for its share of a load")
                .register(registry);
        originBytes = bytes(registry, "origin", "Bytes that ended loads had fetched from origins");
        verifiedBytes = bytes(registry, "verified", "Bytes that complete loads had read back and found right");
        active = gauge(registry, "active", "Loads that have not ended");
        watches = gauge(registry, "watches", "Watches of loads");
        for (LoadPhase phase : LoadPhase.values()) {
            if (phase.ended()) {
                ended.put(
                        phase,
                        Counter.builder("hearth.loads.ended")
                                .description("Loads that ended, by phase")
                                .tag("phase", phase.toString())
                                .register(registry));
            }
        }
    }

    void ended(LoadPhase phase) {
        ended.get(phase).increment();
    }

    private static Counter bytes(MeterRegistry registry, String name, String description) {
        return Counter.builder("hearth.loads." + name)
                .description(description)
                .baseUnit("bytes")
                .register(registry);
    }

    private static AtomicLong gauge(MeterRegistry registry, String name, String description) {
        AtomicLong value = new AtomicLong();
        Gauge.builder("hearth.loads." + name, value, AtomicLong::get)
                .description(description)
                .register(registry);
        return value;
    }
}
