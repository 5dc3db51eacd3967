package io.hearth.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.HearthException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettingsBinderTest {
    enum Medium {
        MEM,
        SSD
    }

    record Sample(
            @Setting(name = "a.size", value = "8MiB", min = "1MiB", max = "1GiB", description = "")
            DataSize size,

            @Setting(name = "a.wait", value = "5s", min = "1ms", description = "")
            Duration pause,

            @Setting(name = "a.dir", value = "${home}/x", description = "")
            Path dir,

            @Setting(name = "a.count", value = "3", min = "1", max = "9", description = "")
            int count,

            @Setting(name = "a.medium", value = "mem", description = "")
            Medium medium,

            @Setting(name = "a.list", value = "", description = "")
            List<String> list,

            @Setting(name = "a.region", value = "", description = "")
            Optional<String> region) {}

    private final SettingsBinder binder = new SettingsBinder(Path.of("/h"));

    @Test
    void defaultsAreTaken() {
        assertEquals(
                new Sample(
                        new DataSize(8 << 20),
                        Duration.ofSeconds(5),
                        Path.of("/h/x"),
                        3,
                        Medium.MEM,
                        List.of(),
                        Optional.empty()),
                binder.bind(Sample.class, Map.of()));
    }

    @Test
    void givenValuesWin() {
        Sample bound = binder.bind(
                Sample.class, Map.of("a.size", "1.5MiB", "a.list", "x, y", "a.region", "eu", "a.medium", "SSD"));
        assertEquals(1_572_864, bound.size().bytes());
        assertEquals(List.of("x", "y"), bound.list());
        assertEquals(Optional.of("eu"), bound.region());
        assertEquals(Medium.SSD, bound.medium());
    }

    @Test
    void valuesThatCannotBeTakenNameTheSettingAndTheRange() {
        for (Map<String, String> bad : List.of(
                Map.of("a.size", "2GiB"),
                Map.of("a.size", "lots"),
                Map.of("a.wait", "0ms"),
                Map.of("a.count", "10"),
                Map.of("a.count", "x"),
                Map.of("a.medium", "tape"))) {
            HearthException refused = assertThrows(HearthException.class, () -> binder.bind(Sample.class, bad));
            String name = bad.keySet().iterator().next();
            assertTrue(
                    refused.getMessage().contains(name) && refused.getMessage().contains(bad.get(name)),
                    () -> refused.getMessage());
        }
    }

    @Test
    void sizesAndDurationsArePrintedAsTheyAreRead() {
        for (String text : List.of("0B", "512MiB", "1.5GiB", "10KiB", "100B")) {
            assertEquals(text, DataSize.format(DataSize.parse(text).bytes()));
        }
        for (String text : List.of("0ms", "200ms", "5s", "10m", "2h", "3d", "90s")) {
            assertEquals(text, Durations.format(Durations.parse(text)));
        }
    }

    @Test
    void environmentNamesFollowFromTheName() {
        assertEquals("HEARTH_WORKER_FILL_TIMEOUT", SettingsBinder.environmentName("worker.fill-timeout"));
    }
}
