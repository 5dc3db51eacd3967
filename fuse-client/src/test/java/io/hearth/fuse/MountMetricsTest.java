package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MountMetricsTest {
    @Test
    void everyMeterIsThereFromTheStartAndDescribed() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        MountMetrics metrics = new MountMetrics(registry);
        TreeSet<String> names = new TreeSet<>();
        for (Meter meter : registry.getMeters()) {
            names.add(meter.getId().getName());
            assertTrue(
                    meter.getId().getDescription().length() > 10, meter.getId().toString());
        }
        assertEquals(
                "[hearth.mount.errors, hearth.mount.files, hearth.mount.generation.switches, hearth.mount.kernel.nodes,"
                        + " hearth.mount.open.handles, hearth.mount.opens, hearth.mount.operations, hearth.mount.read,"
                        + " hearth.mount.refresh.lag, hearth.mount.sessions.lost, hearth.mount.transport,"
                        + " hearth.mount.tree]",
                names.toString());
        metrics.error(116);
        metrics.error(75);
        assertEquals(
                1,
                registry.get("hearth.mount.errors")
                        .tag("errno", "ESTALE")
                        .counter()
                        .count());
        assertEquals(
                1,
                registry.get("hearth.mount.errors")
                        .tag("errno", "other")
                        .counter()
                        .count());
    }
}
