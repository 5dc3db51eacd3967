package io.hearth.launcher.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetSpec.MountSpec;
import io.hearth.protocol.api.DatasetStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    @Test
    void theColumnsOfTheDatasetListAreTheContracts() {
        String[] lines = DatasetTables.list(List.of(status(1000, 999)), NOW).split("\n");
        assertEquals(
                "NAME UFS TOTAL SIZE CACHED CACHE CAPACITY CACHED PERCENTAGE PHASE AGE",
                lines[0].replaceAll(" {3,}", " ").replaceAll("  +", " "));
        assertTrue(lines[1].startsWith("llama "), lines[1]);
        assertTrue(lines[1].contains("99.9%"), "999 of 1000 bytes are not yet 100 %: " + lines[1]);
        assertTrue(lines[1].endsWith("5m30s"), lines[1]);
    }

    @Test
    void agesHaveOneOrTwoUnits() {
        assertEquals("0s", Age.format(Duration.ofSeconds(-5)));
        assertEquals("119s", Age.format(Duration.ofSeconds(119)));
        assertEquals("2m0s", Age.format(Duration.ofSeconds(120)));
        assertEquals("45m", Age.format(Duration.ofMinutes(45)));
        assertEquals("3h20m", Age.format(Duration.ofMinutes(200)));
        assertEquals("30h", Age.format(Duration.ofHours(30)));
        assertEquals("9d", Age.format(Duration.ofDays(9)));
    }

    @Test
    void yamlAndJsonHaveTheApisFieldNames() {
        DatasetStatus status = status(10, 0);
        assertTrue(Format.yaml.text(status, () -> "").contains("ufsTotalBytes: 10\n"), "yaml");
        assertTrue(Format.json.text(status, () -> "").contains("\"ufsTotalBytes\" : 10"), "json");
    }

    private static DatasetStatus status(long total, long cached) {
        DatasetSpec spec = new DatasetSpec(
                List.of(new MountSpec(
                        "s3://b/p", Optional.empty(), Optional.empty(), Map.of(), List.of(), Optional.empty())),
                Optional.empty());
        return new DatasetStatus(
                "default",
                "llama",
                spec,
                DatasetStatus.BOUND,
                Optional.empty(),
                Optional.of("g"),
                total,
                3,
                cached,
                1 << 30,
                "2026-11-21T09:54:30Z",
                Optional.empty(),
                0,
                0,
                0,
                List.of());
    }
}
