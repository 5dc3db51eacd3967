package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.Medium;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WorkerSettingsTest {
    private static final SettingsBinder BINDER = new SettingsBinder(Path.of("/home/u/.hearth"));

    @Test
    void theDefaultsAreThese() {
        assertEquals(
                new WorkerSettings(
                        Path.of("/home/u/.hearth/worker"),
                        List.of("MEM:auto:1GiB", "SSD:/home/u/.hearth/worker/tier:10GiB"),
                        "127.0.0.1",
                        Optional.empty(),
                        7071,
                        7072,
                        256,
                        64,
                        DataSize.parse("4MiB"),
                        Duration.ofMinutes(2),
                        2,
                        8,
                        4096,
                        DataSize.parse("512MiB"),
                        DataSize.parse("96MiB"),
                        128,
                        1024,
                        256,
                        1024,
                        131_072,
                        Duration.ofMinutes(1),
                        96,
                        4,
                        256,
                        EvictionChoice.S3_FIFO,
                        131_072,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10)),
                BINDER.bind(WorkerSettings.class, Map.of()));
    }

    @Test
    void memoryThatIsReservedTwiceIsRefused() {
        WorkerSettings defaults = BINDER.bind(WorkerSettings.class, Map.of());
        assertEquals(416L << 20, defaults.pooledBytes());
        defaults.requireReserved(128, 512 << 10);
        HearthException tooMany = assertThrows(HearthException.class, () -> defaults.requireReserved(256, 512 << 10));
        assertTrue(tooMany.getMessage().contains("130MiB"), tooMany.getMessage());
        assertThrows(HearthException.class, () -> BINDER.bind(WorkerSettings.class, Map.of("worker.memory", "100MiB")));
    }

    @Test
    void theEvictionPolicyIsNamedAsInTheDocs() {
        assertEquals(
                EvictionChoice.LRU,
                BINDER.bind(WorkerSettings.class, Map.of("worker.eviction-policy", "lru"))
                        .evictionPolicy());
        HearthException refused = assertThrows(
                HearthException.class,
                () -> BINDER.bind(WorkerSettings.class, Map.of("worker.eviction-policy", "fifo")));
        assertTrue(refused.getMessage().contains("[s3-fifo, lru]"), refused.getMessage());
    }

    @Test
    void theDefaultTiersBelongToOneHome() {
        var mine = BINDER.bind(WorkerSettings.class, Map.of()).tierSpecs();
        var other = new SettingsBinder(Path.of("/home/v/.hearth"))
                .bind(WorkerSettings.class, Map.of())
                .tierSpecs();
        assertEquals(
                List.of(Medium.MEM, Medium.SSD),
                mine.stream().map(tier -> tier.medium()).toList());
        for (int i = 0; i < mine.size(); i++) {
            assertTrue(
                    !mine.get(i).directory().equals(other.get(i).directory()),
                    mine.get(i).toString());
        }
    }

    @Test
    void aTierThatCannotBeReadNamesItself() {
        WorkerSettings settings = BINDER.bind(WorkerSettings.class, Map.of("worker.tiers", "MEM:/x"));
        HearthException refused = assertThrows(HearthException.class, settings::tierSpecs);
        assertTrue(refused.getMessage().contains("'MEM:/x'"), refused.getMessage());
    }
}
