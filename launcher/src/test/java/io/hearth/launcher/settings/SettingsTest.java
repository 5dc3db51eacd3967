package io.hearth.launcher.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.Trust;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.Watermarks;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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
    void variablesThatSteerTheCommandAreNoSettings() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "SETTINGS.md"));
        String steering = page.substring(page.indexOf("Steering the command"), page.indexOf("## Options"));
        List<String> named = Pattern.compile("HEARTH_[A-Z_]+")
                .matcher(steering)
                .results()
                .map(MatchResult::group)
                .toList();
        assertTrue(named.contains("HEARTH_DIRECT"), steering);
        named.forEach(name -> Settings.load(home, Map.of(name, "1"), Map.of()));
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
    void tiersMayBeAListOfMappingsInTheWordsOfFluidsTieredstore() throws Exception {
        Files.writeString(home.resolve("hearth.yaml"), """
                worker:
                  tiers:
                    - mediumtype: MEM
                      path: auto
                      quota: 2Gi
                    - mediumtype: ssd
                      path: /var/cache/a:b
                      quota: 10GiB
                      high: "0.9"
                      low: 0.7
                    - HDD:/mnt/c:1TiB
                """);
        Settings settings = Settings.load(home, Map.of(), Map.of());
        List<String> tiers = settings.get(io.hearth.worker.WorkerSettings.class).tiers();
        assertEquals(List.of("MEM:auto:2Gi", "ssd:/var/cache/a:b:10GiB:high=0.9:low=0.7", "HDD:/mnt/c:1TiB"), tiers);
        TierSpec ssd = TierSpec.parse(tiers.get(1), home);
        assertEquals(new TierSpec(Medium.SSD, Path.of("/var/cache/a:b"), 10L << 30, new Watermarks(0.9, 0.7)), ssd);
        assertEquals(2L << 30, TierSpec.parse(tiers.get(0), home).quotaBytes());
    }

    @Test
    void whatIsWrongWithATierNamesItsEntry() throws Exception {
        refusedTier("quota: 1GiB, path: /a", "entry 2 of worker.tiers lacks mediumtype");
        refusedTier("mediumtype: SSD, path: /a", "entry 2 of worker.tiers lacks quota");
        refusedTier("mediumtype: SSD, quota: 1GiB", "entry 2 of worker.tiers lacks path");
        refusedTier("mediumtype: SSD, path: /a, quota: 1GiB, hi: 1", "entry 2 of worker.tiers has no 'hi'");
        refusedTier("mediumtype: SSD, path: [/a], quota: 1GiB", "entry 2 of worker.tiers needs one value for path");
        refusedTier("mediumtype: SSD, path: 'a,b', quota: 1GiB", "entry 2 of worker.tiers cannot have a comma");
        Files.writeString(home.resolve("hearth.yaml"), "masters: [{a: 1}]\n");
        refused("entry 1 of masters is no text", () -> Settings.load(home, Map.of(), Map.of()));
    }

    private void refusedTier(String entry, String line) throws Exception {
        Files.writeString(home.resolve("hearth.yaml"), "worker:\n  tiers: ['MEM:auto:1GiB', {" + entry + "}]\n");
        refused(line, () -> Settings.load(home, Map.of(), Map.of()));
    }

    @Test
    void addressesBeyondLoopbackNeedTheClustersToken() throws Exception {
        Settings settings = Settings.load(home, Map.of(), Map.of("trust.token-reread", "1h"));
        ClusterToken none = Trust.token(settings);
        Trust.requireFor("master.bind", "127.0.0.1", none);
        refused("which needs the cluster's token", () -> Trust.requireFor("master.bind", "0.0.0.0", none));
        refused("unknown host", () -> Trust.requireFor("master.bind", "no.such.host.invalid", none));
        Files.writeString(home.resolve("token"), "0123456789abcdef\n");
        Trust.requireFor("master.bind", "0.0.0.0", Trust.token(settings));
        refused("unknown host", () -> Trust.requireFor("worker.host", "no.such.host.invalid", Trust.token(settings)));
        Files.writeString(home.resolve("token"), "short\n");
        refused("openssl rand -hex 32", () -> Trust.token(settings));
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
