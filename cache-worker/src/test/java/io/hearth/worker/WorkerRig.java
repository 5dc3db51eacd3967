package io.hearth.worker;

import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** A worker over a computed origin, with small bounds. */
public final class WorkerRig implements AutoCloseable {
    final FakeOrigin origin = new FakeOrigin();
    final FakeMaster master = new FakeMaster();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final Worker worker;

    WorkerRig(Path home, Map<String, String> overrides) {
        this(home, overrides, ClusterToken.NONE);
    }

    WorkerRig(Path home, Map<String, String> overrides, ClusterToken token) {
        Map<String, String> values = new HashMap<>(Map.of(
                "worker.tiers", "MEM:" + home.resolve("mem") + ":64MiB",
                "worker.data-port", "0",
                "worker.report-interval", "10ms",
                "worker.lend.watch", "false",
                "worker.scrub-rate", "0"));
        values.putAll(overrides);
        WorkerConfig config = WorkerConfig.bind(new SettingsBinder(home), values);
        worker = Worker.start(config, master.api(), token, origin, registry, Clock.systemUTC(), () -> 7072);
    }

    WireClient client() throws java.io.IOException {
        return WireClient.greeted(worker.dataPort());
    }

    double counter(String name) {
        return registry.get(name).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 10 s: " + what);
            }
            Thread.sleep(2);
        }
    }

    @Override
    public void close() {
        worker.close();
        origin.close();
    }
}
