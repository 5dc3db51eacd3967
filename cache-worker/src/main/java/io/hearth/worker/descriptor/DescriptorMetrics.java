package io.hearth.worker.descriptor;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What was handed out. All meters are registered when made. Thread-safe. */
public final class DescriptorMetrics {
    private final Counter handedOut;
    private final Counter refused;
    private final Counter revoked;
    private final Counter readyBytes;
    private volatile IntSupplier open = () -> 0;
    private volatile IntSupplier kept = () -> 0;
    private volatile BooleanSupplier keeps = () -> false;

    public DescriptorMetrics(MeterRegistry registry) {
        handedOut = counter(registry, "hearth.worker.descriptors.given", "Descriptors handed out", "descriptors");
        refused = counter(
                registry,
                "hearth.worker.descriptors.refused",
                "Descriptors not handed out: past a bound, lending, no room; the reader goes on over the data plane",
                "descriptors");
        revoked = counter(
                registry,
                "hearth.worker.descriptors.revoked",
                "Descriptors asked back: their file left its tier or had a bad chunk",
                "descriptors");
        readyBytes = counter(
                registry,
                "hearth.worker.descriptors.ready",
                "Bytes that holders of descriptors were told that they may read",
                "bytes");
        Gauge.builder("hearth.worker.descriptors.open", this, metrics -> metrics.open.getAsInt())
                .description("Descriptors that are out")
                .baseUnit("descriptors")
                .strongReference(true)
                .register(registry);
        Gauge.builder("hearth.worker.descriptors.kept", this, metrics -> metrics.kept.getAsInt())
                .description("Files that the kernel keeps for mounts which may not ask it themselves")
                .baseUnit("files")
                .strongReference(true)
                .register(registry);
        Gauge.builder("hearth.worker.descriptors.keeps", this, metrics -> metrics.keeps.getAsBoolean() ? 1 : 0)
                .description("1 if this worker has the kernel keep files for mounts which may not ask it themselves")
                .strongReference(true)
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, String description, String unit) {
        return Counter.builder(name).description(description).baseUnit(unit).register(registry);
    }

    void watch(IntSupplier openNow) {
        open = openNow;
    }

    void watchKept(IntSupplier keptNow, BooleanSupplier keepsAny) {
        kept = keptNow;
        keeps = keepsAny;
    }

    void handedOut() {
        handedOut.increment();
    }

    void refused() {
        refused.increment();
    }

    void revoked() {
        revoked.increment();
    }

    void ready(long bytes) {
        readyBytes.increment(bytes);
    }
}
