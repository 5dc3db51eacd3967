package io.hearth.objectstore.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OriginGatesTest {
    private final VirtualTime time = new VirtualTime();
    private final OriginMetrics metrics = new OriginMetrics(new SimpleMeterRegistry());
    private final List<String> opened = new ArrayList<>();
    private final List<Permit> running = new ArrayList<>();
    private final OriginGates gates = new OriginGates(2, this::open);

    @Test
    void prefixesOfABucketShareItsGate() {
        assertSame(gates.of(bucket("a", "x/")), gates.of(bucket("a", "y/")));
        assertNotSame(gates.of(bucket("a", "")), gates.of(bucket("b", "")));
    }

    @Test
    void theOneUnusedForLongestGoes() {
        OriginGate first = gates.of(bucket("a", ""));
        OriginGate second = gates.of(bucket("b", ""));
        assertSame(first, gates.of(bucket("a", "")));
        gates.of(bucket("c", ""));
        assertSame(first, gates.of(bucket("a", "")));
        assertNotSame(second, gates.of(bucket("b", "")));
    }

    @Test
    void whereAllAreInUseFurtherBucketsShareOne() {
        use(gates.of(bucket("a", "")));
        use(gates.of(bucket("b", "")));
        assertSame(gates.shared(), gates.of(bucket("c", "")));
        assertSame(gates.shared(), gates.of(bucket("d", "")));
        assertEquals(3, opened.size(), opened::toString);
        running.forEach(permit -> permit.release(Permit.Outcome.GIVEN));
        assertNotSame(gates.shared(), gates.of(bucket("c", "")));
    }

    private OriginGate open(String name) {
        opened.add(name);
        return new OriginGate(name, OriginSettings.defaults(), metrics, new Random(1), time, time::nanos);
    }

    private void use(OriginGate gate) {
        gate.join(gate.lane("dataset", "file", new Claim(Urgency.DEMAND)), new OriginQueue.Waiter() {
            @Override
            public boolean granted(Permit permit) {
                running.add(permit);
                return false;
            }

            @Override
            public long leftBytes() {
                return 1;
            }

            @Override
            public void refused(HearthException why) {
                throw why;
            }
        });
    }

    private static OriginSpec bucket(String name, String prefix) {
        return new OriginSpec(name, prefix, Optional.empty(), Optional.empty(), true);
    }
}
