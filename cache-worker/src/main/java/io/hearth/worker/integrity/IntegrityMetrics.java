package io.hearth.worker.integrity;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** What the checks of resident bytes found, in figures. All meters are registered when made. Thread-safe. */
public final class IntegrityMetrics {
    /** How the comparison of a whole object with its origin's checksum ended; the label {@code result}. */
    enum Result {
        MATCHED,
        MISMATCHED,
        /** The origin has no checksum of the whole object. */
        NONE,
        /** Not compared: the queue was full, the only checksum is too dear, or the object changed meanwhile. */
        SKIPPED,
        /** The origin did not answer. */
        FAILED
    }

    private final MeterRegistry registry;
    private final Counter scrubBytes;
    private final Counter scrubCorrupt;
    private final Counter passes;
    private final Map<Result, Counter> wholes = new EnumMap<>(Result.class);
    private final Counter reread;
    private final Counter refused;
    private volatile DoubleSupplier oldestSeconds = () -> 0;
    private volatile LongSupplier descriptorBytes = () -> 0;

    public IntegrityMetrics(MeterRegistry registry) {
        this.registry = registry;
        scrubBytes = counter("hearth.worker.scrub.bytes", "Resident bytes that the scrubber read again", "bytes");
        scrubCorrupt =
                counter("hearth.worker.scrub.corrupt", "Chunks that the scrubber found rotten and dropped", "chunks");
        passes = counter("hearth.worker.scrub.passes", "Passes of the scrubber over all tiers", "passes");
        Gauge.builder("hearth.worker.scrub.oldest.age", this, metrics -> metrics.oldestSeconds.getAsDouble())
                .description("Age of the oldest check of a resident object; one not checked since the worker's start"
                        + " counts from there")
                .baseUnit("seconds")
                .strongReference(true)
                .register(registry);
        Gauge.builder("hearth.worker.descriptor", this, metrics -> metrics.descriptorBytes.getAsLong())
                .description("Bytes of files that are handed out as descriptors")
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
        for (Result result : Result.values()) {
            wholes.put(
                    result,
                    Counter.builder("hearth.worker.checksums")
                            .description("Whole objects held against their origin's checksum")
                            .baseUnit("objects")
                            .tag("result", result.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        reread = counter(
                "hearth.worker.checksum.bytes",
                "Bytes read again for checksums that cannot be had from those of chunks",
                "bytes");
        refused = counter(
                "hearth.worker.requests.distrusted",
                "Requests to the origin not made: the object differed from its checksum twice in a row",
                "requests");
    }

    private Counter counter(String name, String description, String unit) {
        return Counter.builder(name).description(description).baseUnit(unit).register(registry);
    }

    void watchOldest(DoubleSupplier ageSeconds) {
        oldestSeconds = ageSeconds;
    }

    void watchDescriptors(LongSupplier bytes) {
        descriptorBytes = bytes;
    }

    void scrubbed(int bytes) {
        scrubBytes.increment(bytes);
    }

    void scrubFoundCorrupt() {
        scrubCorrupt.increment();
    }

    void passed() {
        passes.increment();
    }

    void compared(Result result) {
        wholes.get(result).increment();
    }

    void reread(int bytes) {
        reread.increment(bytes);
    }

    void refused() {
        refused.increment();
    }
}
