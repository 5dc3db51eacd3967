package io.hearth.launcher.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.SampleLoad;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoadTablesTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    @Test
    void theColumnsOfTheLoadListAreTheContracts() {
        String table = LoadTables.list(
                List.of(
                        SampleLoad.at(LoadPhase.PENDING, 0, 0),
                        SampleLoad.at(LoadPhase.RUNNING, SampleLoad.TOTAL * 432 / 1000 + 1, 0),
                        SampleLoad.at(LoadPhase.VERIFYING, SampleLoad.TOTAL, 0),
                        SampleLoad.at(LoadPhase.COMPLETE, SampleLoad.TOTAL, SampleLoad.TOTAL)),
                NOW);
        assertEquals("""
                NAME      DATASET   PHASE       AGE     DURATION   PROGRESS
                llama-1   llama     Pending     5m30s   -          0.0%
                llama-1   llama     Running     5m30s   7s         43.2%
                llama-1   llama     Verifying   5m30s   7s         99.9%
                llama-1   llama     Complete    5m30s   7s         100.0%
                """, table);
    }

    @Test
    void everyTenthOfAPercentIsShownAsItIs() {
        for (int tenths = 0; tenths <= 1000; tenths++) {
            assertEquals(tenths / 10 + "." + tenths % 10 + "%", Percentage.of(tenths / 10.0));
        }
        assertEquals("99.9%", Percentage.of(99.999));
    }

    @Test
    void describeTellsAll() {
        String text = LoadTables.describe(SampleLoad.at(LoadPhase.RUNNING, SampleLoad.TOTAL / 2, 1 << 20), NOW);
        for (String line : List.of(
                "Name: default/llama-1",
                "Dataset: llama",
                "Phase: Running",
                "Target: /weights on 2 workers",
                "Target: /*.json",
                "Retries: 3",
                "TTL: 1h",
                "Progress: 50.0%",
                "Files: 4",
                "Bytes: 512MiB",
                " resident: 256MiB",
                " verified: 1MiB",
                " in flight: 8MiB",
                " from origin: 256MiB",
                "Rate: 256MiB/s",
                "ETA: 65s",
                "Attempts: 1",
                "Worker: w1: 256MiB of 512MiB resident, 1MiB verified",
                "Started: 2026-11-21T09:58:00Z",
                "Duration: 7s")) {
            assertTrue(text.replaceAll(" +", " ").lines().anyMatch(line::equals), "no '" + line + "' in\n" + text);
        }
    }

    @Test
    void describeNamesWhatFailed() {
        LoadStatus failed = SampleLoad.failed(
                3,
                List.of(
                        new LoadStatus.FailedPath("/a.bin", "gone from the origin"),
                        new LoadStatus.FailedPath("/b.bin", "refused")),
                Optional.of("3 of 4 files are missing"));
        String text = LoadTables.describe(failed, NOW);
        assertTrue(text.contains("  /a.bin: gone from the origin\n  /b.bin: refused\n  and 1 more\n"), text);
        assertTrue(text.contains("3 of 4 files are missing"), text);
        assertEquals(failed, Json.read(Format.json.text(failed, () -> ""), LoadStatus.class));
    }
}
