package io.hearth.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientSettingsTest {
    @Test
    void theDefaultsArePinned() {
        ClientSettings settings = ClientSettings.defaults();
        assertEquals(2, settings.connections());
        assertEquals(Duration.ofMillis(700), settings.stallTimeout());
        assertEquals(Duration.ofMillis(250), settings.pingAfter());
        assertEquals(Duration.ofSeconds(30), settings.workerTimeout());
        assertEquals(64L << 20, settings.readMemory().bytes());
        assertEquals(Duration.ofSeconds(60), settings.readTimeout());
        assertEquals(16L << 20, settings.readAhead().bytes());
        assertEquals(256L << 20, settings.prefetch().bytes());
        assertEquals(48L << 20, settings.readAheadAlone().bytes());
        assertEquals(Duration.ofSeconds(30), settings.watchIdleTimeout());
    }

    @Test
    void everySettingIsDescribedAndNamedForItsModule() {
        for (Setting setting : SettingsBinder.settings(ClientSettings.class)) {
            assertTrue(setting.name().startsWith("client."), setting.name());
            assertTrue(setting.description().endsWith("."), setting.name());
            assertTrue(!setting.min().isEmpty() && !setting.max().isEmpty(), setting.name() + " has no bounds");
        }
    }

    @Test
    void aValueOutOfBoundsNamesItself() {
        HearthException refusal =
                assertThrows(HearthException.class, () -> ClientSettings.of(Map.of("client.read-memory", "1KiB")));
        assertTrue(refusal.getMessage().contains("client.read-memory"), refusal.getMessage());
    }

    @Test
    void everyMeterIsThereFromTheStartAndDescribed() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new ClientMetrics(registry);
        assertTrue(registry.getMeters().size() > 15);
        for (Meter meter : registry.getMeters()) {
            assertTrue(
                    meter.getId().getName().startsWith("hearth.client."),
                    meter.getId().getName());
            assertTrue(
                    meter.getId().getDescription() != null && meter.getId().getBaseUnit() != null,
                    meter.getId().getName());
        }
    }
}
