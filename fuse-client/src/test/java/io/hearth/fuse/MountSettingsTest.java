package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MountSettingsTest {
    @Test
    void defaults() {
        assertEquals(
                new MountSettings(
                        Path.of("/home/mount"),
                        new DataSize(1L << 30),
                        8,
                        Duration.ofMillis(250),
                        new DataSize(1 << 20),
                        64,
                        128,
                        new DataSize(256 << 10),
                        new DataSize(64 << 20),
                        TransportChoice.AUTO,
                        Passthrough.AUTO,
                        Duration.ofMillis(30),
                        65_536,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5)),
                new SettingsBinder(Path.of("/home")).bind(MountSettings.class, Map.of()));
    }
}
