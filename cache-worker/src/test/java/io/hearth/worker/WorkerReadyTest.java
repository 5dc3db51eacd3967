package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.worker.tier.FaultyTierIo;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerReadyTest {
    @TempDir
    Path home;

    @Test
    void aWorkerIsReadyWhileOneTierIsInServiceAndServesBytesEvenWithoutAny() throws Exception {
        Map<String, String> values = Map.of(
                "worker.tiers", "MEM:" + home.resolve("mem") + ":64MiB,SSD:" + home.resolve("ssd") + ":64MiB",
                "worker.data-port", "0",
                "worker.lend.watch", "false",
                "worker.scrub-rate", "0",
                "worker.tier-failures", "1",
                "worker.tier-upkeep-interval", "1ms",
                "worker.tier-probe-pause", "10ms");
        FaultyTierIo io = new FaultyTierIo(new Random(1), Long.MAX_VALUE);
        FakeMaster master = new FakeMaster();
        try (FakeOrigin origin = new FakeOrigin();
                Worker worker = Worker.start(
                        WorkerConfig.bind(new SettingsBinder(home), values),
                        master.api(),
                        ClusterToken.NONE,
                        origin,
                        new SimpleMeterRegistry(),
                        Clock.systemUTC(),
                        () -> 7072,
                        io)) {
            assertTrue(worker.ready());
            io.broken = Optional.of(home.resolve("mem"));
            read(worker, "one");
            WorkerRig.await("one tier is out", () -> worker.faults().size() == 1);
            assertTrue(worker.ready());
            io.broken = Optional.of(home);
            read(worker, "two");
            WorkerRig.await("both are out", () -> worker.faults().size() == 2);
            assertFalse(worker.ready());
            assertTrue(worker.faults().get(0).contains(home.resolve("mem").toString()));
            read(worker, "three");
            io.broken = Optional.of(home.resolve("mem"));
            WorkerRig.await("one is back", worker::ready);
            assertEquals(1, worker.faults().size());
        }
    }

    private static void read(Worker worker, String key) throws Exception {
        ObjectRef object = FakeOrigin.object(key, 1 << 20);
        try (WireClient client = WireClient.greeted(worker.dataPort())) {
            WorkerServingTest.readAll(client, object);
        }
    }
}
