package io.hearth.client.intent;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** The meters of models filled ahead, all registered when made. Thread-safe. */
public final class IntentMetrics {
    private final Counter models;
    private final Counter refused;
    private final Counter bytes;
    private final Counter replayed;
    private final Counter recorded;

    public IntentMetrics(MeterRegistry registry) {
        models = counter(
                registry, "hearth.client.intent.files", "Files of weights filled from their header on", "files");
        refused = counter(
                registry,
                "hearth.client.intent.refused",
                "Files named like weights that do not begin like them",
                "files");
        bytes = counter(
                registry, "hearth.client.intent.bytes", "Bytes of models that workers were told to fill", "bytes");
        replayed = counter(
                registry,
                "hearth.client.intent.replayed",
                "Files of weights filled in the order in which they were read before",
                "files");
        recorded = counter(
                registry, "hearth.client.intent.recorded", "Orders of reading given to the masters to keep", "files");
    }

    private static Counter counter(MeterRegistry registry, String name, String description, String unit) {
        return Counter.builder(name).description(description).baseUnit(unit).register(registry);
    }

    void model() {
        models.increment();
    }

    void refused() {
        refused.increment();
    }

    void told(long count) {
        bytes.increment(count);
    }

    void replayed() {
        replayed.increment();
    }

    void recorded() {
        recorded.increment();
    }
}
