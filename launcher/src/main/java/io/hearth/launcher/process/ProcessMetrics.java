package io.hearth.launcher.process;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** A process's meter registry, with memory, threads, processor and uptime in it. */
public final class ProcessMetrics {
    private ProcessMetrics() {}

    public static PrometheusMeterRegistry start() {
        PrometheusMeterRegistry registry = empty();
        bind(registry);
        return registry;
    }

    /** For a process that binds them later: their beans take 60 ms of a start. */
    static PrometheusMeterRegistry empty() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    /** The meters that every process has. */
    public static void bind(MeterRegistry registry) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }
}
