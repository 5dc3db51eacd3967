package io.hearth.worker.memory;

import io.hearth.objectstore.engine.Urgency;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** The meters of a budget, registered when made. */
public final class MemoryMetrics {
    private MemoryMetrics() {}

    /** Shows the budget for as long as the registry lives. */
    public static void register(MeterRegistry registry, MemoryBudget budget) {
        Gauge.builder("hearth.worker.memory.limit", budget, MemoryBudget::limitBytes)
                .description("Memory outside the tiers that fills and streams may have together")
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
        Gauge.builder("hearth.worker.memory.waiting", budget, MemoryBudget::waiting)
                .description("Fills and streams that wait for memory now")
                .strongReference(true)
                .register(registry);
        for (Urgency lane : Urgency.values()) {
            String name = lane.name().toLowerCase(Locale.ROOT);
            Gauge.builder("hearth.worker.memory.used", budget, of -> of.usedBytes(lane))
                    .description("Memory in use by fills and streams, by who wanted it")
                    .baseUnit("bytes")
                    .tag("lane", name)
                    .strongReference(true)
                    .register(registry);
            FunctionCounter.builder("hearth.worker.memory.waits", budget, of -> of.waits(lane))
                    .description("Times that a fill or a stream had to wait for memory")
                    .tag("lane", name)
                    .register(registry);
        }
    }
}
