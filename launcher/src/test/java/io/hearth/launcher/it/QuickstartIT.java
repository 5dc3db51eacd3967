package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.hearth.protocol.api.Json;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first command that a user runs. */
class QuickstartIT {
    private static final Duration BOUND = Duration.ofMinutes(4);

    @TempDir
    Path directory;

    @Test
    void theStoryHoldsInFigures() throws Exception {
        HearthRig.assumeMounts();
        Shell shell = new Shell(directory, Map.of("TMPDIR", directory.toString()));
        Shell.Result result = shell.run(
                BOUND, HearthRig.ROOT + "/bin/hearth", "quickstart", "--once", "--size", "64MiB", "-o", "json");
        JsonNode report = Json.mapper().readTree(result.ok());
        assertTrue(report.get("sha256Match").asBoolean(), result.out() + result.err());
        assertEquals(report.get("bytes").asLong(), report.get("originBytesCold").asLong());
        assertEquals(0, report.get("originBytesWarm").asLong());
        assertTrue(
                report.get("coldSeconds").asDouble() > 0
                        && report.get("warmSeconds").asDouble() > 0,
                result.out());
        assertTrue(report.get("loadSeconds").asDouble() > 0, result.out());
        assertEquals("Complete", report.get("loadPhase").asText());
        assertEquals(100.0, report.get("cachedPercentage").asDouble());
        assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains("hearth-quickstart"), "a mount is left");
    }

    @Test
    void theStoryRunsOverTheUsersOwnBucket() throws Exception {
        HearthRig.assumeMounts();
        try (HearthRig rig = new HearthRig(directory)) {
            byte[] content = new byte[20 << 20];
            new java.util.SplittableRandom(5).nextBytes(content);
            rig.put("own/a/content.bin", content);
            rig.put("own/b.txt", "b".getBytes());
            String table = rig.hearth(
                            "quickstart",
                            "--once",
                            "--origin",
                            "s3://demo/own",
                            "--endpoint",
                            rig.store.endpoint().toString(),
                            "--credentials",
                            "env")
                    .ok();
            assertTrue(table.contains("2 of 2 files are the origin's, byte for byte"), table);
            assertTrue(table.contains("quickstart") && table.contains("100.0%"), table);
            List<String> told = table.lines().map(String::strip).toList();
            int last = -1;
            for (String part :
                    List.of("cold read", "evict", "load ", "NAME", "NAME", "warm read", "sha-256", "factor")) {
                int at = last + 1;
                while (at < told.size() && !told.get(at).startsWith(part)) {
                    at++;
                }
                assertTrue(at < told.size(), "no '" + part + "' after line " + last + " of\n" + table);
                last = at;
            }
            assertTrue(table.contains("Complete") && table.contains("read back and verified"), table);
            assertTrue(table.contains(" 0B of it from the origin"), table);
        }
    }

    @Test
    void aSecondOneOnTheSameHomeLeavesTheFirstAlone() throws Exception {
        Path home = directory.resolve("home");
        Path secret = home.resolve("secrets/quickstart/secretAccessKey");
        Files.createDirectories(secret.getParent());
        Files.writeString(secret, "the first one's");
        Files.createDirectories(home.resolve("master"));
        try (FileChannel lock = FileChannel.open(
                        home.resolve("master/LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.lock()) {
            Shell.Result second = new Shell(directory, Map.of("HEARTH_HOME", home.toString()))
                    .run(BOUND, HearthRig.ROOT + "/bin/hearth", "quickstart", "--size", "8MiB");
            assertTrue(held.isValid());
            assertEquals(1, second.exit(), second.err());
            assertTrue(second.err().contains("another master is running on"), second.err());
            assertEquals("the first one's", Files.readString(secret));
        }
    }
}
