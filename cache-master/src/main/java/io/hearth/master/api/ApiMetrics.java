package io.hearth.master.api;

import io.hearth.protocol.FailureKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The meters of operations, all registered at once. Several of these over one registry count failures together. */
public final class ApiMetrics {
    private final Map<String, Timer> requests = new TreeMap<>();
    private final Map<FailureKind, Counter> failures = new EnumMap<>(FailureKind.class);

    public ApiMetrics(MeterRegistry registry, List<ApiOperation> operations) {
        for (ApiOperation operation : operations) {
            requests.put(
                    operation.id(),
                    Timer.builder("hearth.master.request")
                            .description("Time to answer API requests, waits for a newer generation included")
                            .tag("operation", operation.id())
                            .register(registry));
        }
        for (FailureKind kind : FailureKind.values()) {
            failures.put(
                    kind,
                    Counter.builder("hearth.master.request.failures")
                            .description("API requests answered with an error, by kind")
                            .tag("kind", kind.code())
                            .register(registry));
        }
    }

    void answered(ApiOperation operation, Duration took) {
        requests.get(operation.id()).record(took);
    }

    void failed(FailureKind kind) {
        failures.get(kind).increment();
    }
}
