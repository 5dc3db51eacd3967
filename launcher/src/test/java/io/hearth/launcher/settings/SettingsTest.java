package io.hearth.launcher.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.HearthException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    Path home;

    @Test
    void flagsWinOverTheEnvironmentWhichWinsOverTheFile() throws Exception {
        Files.writeString(
                home.resolve("hearth.yaml"),
                "masters: [http://a:1, http://b:2]\nmaster:\n  port: 1\n  bind: 127.0.0.2\nshutdown-timeout: 9s\n");
        Settings settings = Settings.load(
                home,
                Map.of("HEARTH_MASTER_PORT", "2", "HEARTH_SHUTDOWN_TIMEOUT", "8s", "PATH", "/bin"),
                Map.of("shutdown-timeout", "7s"));
        ProcessSettings bound = settings.get(ProcessSettings.class);
        assertEquals(List.of(URI.create("http://a:1"), URI.create("http://b:2")), bound.masters());
        assertEquals(2, bound.masterPort());
        assertEquals("127.0.0.2", bound.masterBind());
        assertEquals(Duration.ofSeconds(7), bound.shutdownTimeout());
    }

    @Test
    void unknownKeysAreErrorsWhereverTheyStand() throws Exception {
        refused("HEARTH_MASTER_PROT", () -> Settings.load(home, Map.of("HEARTH_MASTER_PROT", "1"), Map.of()));
        refused("master.prot", () -> Settings.load(home, Map.of(), Map.of("master.prot", "1")));
        Files.writeString(home.resolve("hearth.yaml"), "master:\n  prot: 1\n");
        refused("master.prot", () -> Settings.load(home, Map.of(), Map.of()));
        Files.writeString(home.resolve("hearth.yaml"), "a: [");
        refused("not YAML", () -> Settings.load(home, Map.of(), Map.of()));
    }

    @Test
    void addressesBeyondLoopbackAreRefused() {
        Settings settings = Settings.load(home, Map.of(), Map.of("master.bind", "0.0.0.0"));
        refused("cluster token", () -> settings.get(ProcessSettings.class));
    }

    @Test
    void mastersAreNamedByTheirUrls() {
        for (String wrong : List.of("garbage", "ftp://x:1", "http:/x", "http://user:password@x:1")) {
            Settings settings = Settings.load(home, Map.of(), Map.of("masters", wrong));
            HearthException failure = assertThrows(HearthException.class, () -> settings.get(ProcessSettings.class));
            assertTrue(failure.getMessage().contains("is no URL of a master"), failure.getMessage());
            assertFalse(failure.getMessage().contains("password"), failure.getMessage());
        }
    }

    @Test
    void anotherProcessGetsTheSameByFlags() {
        Settings settings = Settings.load(home, Map.of(), Map.of("master.port", "5"));
        assertEquals(List.of("--home", home.toString(), "--set", "master.port=5"), settings.asFlags());
    }

    private static void refused(String part, org.junit.jupiter.api.function.Executable load) {
        HearthException failure = assertThrows(HearthException.class, load);
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }
}
