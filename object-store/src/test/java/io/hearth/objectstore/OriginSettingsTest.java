package io.hearth.objectstore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.protocol.settings.DataSize;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OriginSettingsTest {
    @Test
    void defaultsAreWhatTheReferenceSays() {
        assertEquals(
                new OriginSettings(
                        128,
                        4096,
                        new DataSize(512 << 10),
                        2,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(5),
                        5,
                        Duration.ofMillis(50),
                        Duration.ofSeconds(2),
                        16,
                        64,
                        256,
                        8192,
                        Duration.ofMinutes(30),
                        2,
                        Duration.ofMillis(200),
                        20,
                        Duration.ofSeconds(30),
                        0,
                        new DataSize(0)),
                OriginSettings.defaults());
    }
}
