package io.hearth.worker.lend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.worker.WorkerRig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuLoadTest {
    @TempDir
    Path directory;

    @Test
    void theProgramIsAskedAgainAndAgain() throws Exception {
        Path answer = directory.resolve("answer");
        Files.writeString(answer, "3 %\n88 %\n");
        try (GpuLoad gpu = new GpuLoad(List.of("cat", answer.toString()), Duration.ofMillis(5), 20)) {
            WorkerRig.await("an answer", () -> gpu.busy(0).isPresent());
            assertEquals(Optional.of("a GPU works 88 % of the time"), gpu.busy(0));
            Files.writeString(answer, "3 %\n");
            WorkerRig.await("another answer", () -> gpu.percent().equals(java.util.OptionalInt.of(3)));
            assertEquals(Optional.empty(), gpu.busy(0));
        }
    }

    @Test
    void aProgramThatIsNotThereOrFailsOrHangsDisturbsNobody() throws Exception {
        for (List<String> command :
                List.of(List.of(directory.resolve("none").toString()), List.of("false"), List.of("sleep", "600"))) {
            long begun = System.nanoTime();
            try (GpuLoad gpu = new GpuLoad(command, Duration.ofMillis(5), 20)) {
                assertEquals(Optional.empty(), gpu.busy(0));
            }
            assertTrue(
                    Duration.ofNanos(System.nanoTime() - begun).toSeconds() < 5, "closed within its bound: " + command);
        }
    }
}
