package io.hearth.worker.lend;

import io.hearth.protocol.api.LendingStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The meters of lending, all registered when made. Thread-safe. */
public final class LendMetrics {
    private final Timer looks;
    private final Timer gifts;
    private final Counter freedBytes;
    private final Counter laterBytes;
    private final Counter leasedFiles;
    private final Counter growths;
    private volatile String state = LendingStatus.LENDING;
    private volatile BooleanSupplier limited = () -> false;

    public LendMetrics(MeterRegistry registry) {
        looks = Timer.builder("hearth.worker.lend.looks")
                .description("Looks at the node's signals, and how long each took")
                .register(registry);
        gifts = Timer.builder("hearth.worker.lend.given")
                .description("Times that bytes were given back to the node, and how long each took")
                .register(registry);
        freedBytes = counter(registry, "freed.bytes", "Resident bytes given back and free at once", "bytes");
        laterBytes = counter(registry, "zombie.bytes", "Resident bytes given back that readers still held", "bytes");
        leasedFiles = counter(registry, "leased.files", "Files given back that loads counted on", "files");
        growths = counter(registry, "growths", "Steps in which a part of the quota was taken again", "steps");
        for (String name : List.of(LendingStatus.LENDING, LendingStatus.YIELDING, LendingStatus.DRAINING)) {
            Gauge.builder("hearth.worker.lend.state", this, metrics -> metrics.state.equals(name) ? 1 : 0)
                    .description("1 for the state that holds")
                    .tag("state", name)
                    .strongReference(true)
                    .register(registry);
        }
        Gauge.builder("hearth.worker.lend.limited", this, metrics -> metrics.limited.getAsBoolean() ? 1 : 0)
                .description("1 while sending to readers on other nodes is limited")
                .strongReference(true)
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, String description, String unit) {
        return Counter.builder("hearth.worker.lend." + name)
                .description(description)
                .baseUnit(unit)
                .register(registry);
    }

    void watchLimit(BooleanSupplier now) {
        limited = now;
    }

    void state(String now) {
        state = now;
    }

    void looked(long nanos) {
        looks.record(nanos, TimeUnit.NANOSECONDS);
    }

    void given(long nanos, Gift gift) {
        gifts.record(nanos, TimeUnit.NANOSECONDS);
        freedBytes.increment(gift.freedBytes());
        laterBytes.increment(gift.laterBytes());
        leasedFiles.increment(gift.leasedFiles());
    }

    void grown() {
        growths.increment();
    }
}
