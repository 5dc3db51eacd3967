package io.hearth.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WorkerExpiryTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochMilli(1_000_000));

    private final Clock clock = new Clock() {
        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now.get();
        }
    };

    private final Membership membership = new Membership(
            new SettingsBinder(Path.of("/none")).bind(MasterSettings.class, Map.of()),
            clock,
            new MasterMetrics(new SimpleMeterRegistry()));

    @Test
    void aSilentWorkerIsLostAtOnceAndForgottenLater() {
        membership.seen(MasterApiTest.worker("w", 1));
        assertEquals(1000, membership.capacityBytes());
        advance(Duration.ofSeconds(5));
        assertEquals("Ready", state());
        long version = membership.version();
        advance(Duration.ofMillis(1));
        assertEquals("Lost", state());
        assertEquals(0, membership.capacityBytes());
        assertEquals(List.of(), membership.addresses());
        assertEquals(List.of(), membership.holdings());
        membership.expire();
        assertTrue(membership.version() > version);
        membership.seen(MasterApiTest.worker("w", 1));
        assertEquals("Ready", state());
        advance(Duration.ofMinutes(10).plusMillis(1));
        membership.expire();
        assertEquals(List.of(), membership.list().workers());
    }

    private String state() {
        return membership.list().workers().get(0).state();
    }

    private void advance(Duration by) {
        now.updateAndGet(instant -> instant.plus(by));
    }
}
