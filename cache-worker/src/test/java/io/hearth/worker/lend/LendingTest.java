package io.hearth.worker.lend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.api.LendingOrder;
import io.hearth.protocol.api.LendingStatus;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.worker.lend.Demand.Want;
import io.hearth.worker.net.SendLimit;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.LruEvictionPolicy;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lending over real tiers, with a fake node and a fake clock. */
class LendingTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LendSettings settings = new SettingsBinder(Path.of("/h"))
            .bind(LendSettings.class, Map.of("worker.lend.network-busy-rate", "10MiB"));
    private final SendLimit limit = new SendLimit(this::nanos);
    private Demand demand = Demand.NONE;
    private Optional<String> busy = Optional.empty();
    private long nowMs = 1_000;
    private TierStore store;
    private Lending lending;

    private long nanos() {
        return nowMs * 1_000_000;
    }

    @BeforeEach
    void open() {
        store = TierStore.open(
                List.of(
                        new TierSpec(Medium.MEM, directory.resolve("mem"), 20 * MIB),
                        new TierSpec(Medium.SSD, directory.resolve("ssd"), 20 * MIB)),
                TierEnvironment.of(new FileTierIo(), TierEvents.NONE, Runnable::run, Clock.systemUTC(), 4, 1000),
                LruEvictionPolicy::new);
        Signal signal = new Signal() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public Demand look(long atMs) {
                return demand;
            }
        };
        lending = new Lending(
                settings,
                store,
                limit,
                new NodeSignals(List.of(signal), List.of(at -> busy)),
                new LendMetrics(registry),
                Clock.systemUTC(),
                this::nanos);
    }

    @AfterEach
    void close() {
        lending.close();
        store.close();
    }

    private void looks(long forMs) {
        for (long end = nowMs + forMs; nowMs < end; nowMs += 100) {
            lending.look();
        }
    }

    private void put(String key, int mib) {
        ObjectRef object = new ObjectRef("o", key, new Validator.LastModified(1), (long) mib * MIB);
        ObjectFile file = store.holdOrCreate(object, object.id(), "ns").orElseThrow();
        for (int chunk = 0; chunk < mib; chunk++) {
            CRC32C crc = new CRC32C();
            crc.update(new byte[MIB]);
            file.write(chunk, ByteBuffer.allocate(MIB), (int) crc.getValue());
        }
        file.release();
    }

    @Test
    void pressureIsFollowedWithinOneLookAndAllIsLentAgainAfterTheCalm() {
        put("a", 8);
        put("b", 8);
        assertEquals(LendingStatus.LENDING, lending.state());
        demand = new Demand(Want.WANTED, 4 * MIB, "the node is short");
        lending.look();
        LendingStatus now = lending.status();
        assertEquals(LendingStatus.YIELDING, now.state());
        assertEquals("the node is short", now.reason());
        assertEquals(12L * MIB, now.tiers().get(0).allowanceBytes());
        assertEquals(8L * MIB, now.tiers().get(0).usedBytes(), "one file of eight had to go");
        assertEquals(20L * MIB, now.tiers().get(1).allowanceBytes(), "disk is not memory");
        assertEquals(List.of(new LendingStatus.Signal("test", "wanted", "the node is short")), now.signals());
        assertEquals(
                1,
                registry.get("hearth.worker.lend.state")
                        .tag("state", "Yielding")
                        .gauge()
                        .value());
        demand = Demand.NONE;
        looks(29_000);
        assertEquals(12L * MIB, lending.status().tiers().get(0).allowanceBytes());
        looks(60_000);
        assertEquals(LendingStatus.LENDING, lending.state());
        assertEquals("", lending.status().reason());
        assertEquals(20L * MIB, lending.status().tiers().get(0).allowanceBytes());
        assertEquals(
                8.0 * MIB,
                registry.get("hearth.worker.lend.freed.bytes").counter().count());
    }

    @Test
    void anOrderGivesAtOnceAndAnotherTakesAllBack() {
        put("a", 8);
        put("b", 8);
        LendingOrder.Result result = lending.give(9 * MIB, Medium.MEM);
        assertEquals(16L * MIB, result.freedBytes());
        assertEquals(2, result.files());
        assertEquals(LendingStatus.YIELDING, result.status().state());
        assertEquals(LendingStatus.LENDING, lending.resume().status().state());
        assertEquals(20L * MIB, lending.status().tiers().get(0).allowanceBytes());
        looks(1_000);
        assertEquals(LendingStatus.LENDING, lending.state());
    }

    @Test
    void aDiskGivesByOrderAloneAndTakesBackByOrderAlone() {
        put("a", 20);
        // Read on, so that the other one goes to the disk.
        ObjectFile read = store.files().iterator().next();
        assertTrue(read.tryHold());
        put("b", 8);
        read.release();
        assertEquals(8L * MIB, store.tiers().get(1).usedBytes());
        lending.give(1, Medium.SSD);
        assertEquals(20L * MIB, store.tiers().get(0).usedBytes());
        assertEquals(0, store.tiers().get(1).usedBytes());
        looks(600_000);
        assertEquals(LendingStatus.YIELDING, lending.state());
        lending.resume();
        assertEquals(LendingStatus.LENDING, lending.state());
    }

    @Test
    void drainingIsToldWhateverElseHolds() {
        lending.give(MIB, Medium.MEM);
        assertEquals(LendingStatus.DRAINING, lending.drain(true).status().state());
        looks(1_000);
        assertEquals(LendingStatus.DRAINING, lending.state());
        assertTrue(store.tiers().get(1).full());
        assertEquals(LendingStatus.YIELDING, lending.drain(false).status().state());
    }

    @Test
    void aBusyNodeLimitsWhatItSendsAndForSomeSecondsAfter() {
        lending.look();
        assertFalse(limit.limited());
        busy = Optional.of("a GPU works 97 % of the time");
        lending.look();
        assertTrue(limit.limited());
        assertEquals("a GPU works 97 % of the time", lending.status().busyReason());
        busy = Optional.empty();
        looks(4_000);
        assertTrue(limit.limited(), "work comes in bursts");
        looks(2_000);
        assertFalse(limit.limited());
        lending.busy(Duration.ofMinutes(1));
        looks(50_000);
        assertTrue(limit.limited() && lending.status().busy());
        lending.busy(Duration.ZERO);
        assertFalse(limit.limited() || lending.status().busy());
    }
}
