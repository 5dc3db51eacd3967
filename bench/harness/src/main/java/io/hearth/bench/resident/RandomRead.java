package io.hearth.bench.resident;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hearth.bench.process.OwnProcess;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Reads of 4 KiB at random places of a file, by fio. */
record RandomRead(Path logs) {
    /** The program, and the package that has it. */
    static final String PROGRAM = "fio";

    private static final Duration SLACK = Duration.ofSeconds(60);

    /** Bytes a second over that many seconds. */
    double measure(Path file, int seconds) throws IOException {
        Path answer = Files.createTempFile(logs, "random", ".json");
        List<String> command = List.of(
                PROGRAM,
                "--name=random",
                "--readonly",
                "--rw=randread",
                "--bs=4k",
                "--ioengine=psync",
                "--invalidate=0",
                "--filename=" + file,
                "--time_based",
                "--runtime=" + seconds,
                "--output-format=json");
        OwnProcess.complete(PROGRAM, answer, command, Map.of(), SLACK.plusSeconds(seconds));
        JsonNode rate = new ObjectMapper().readTree(answer.toFile()).at("/jobs/0/read/bw_bytes");
        if (!rate.isNumber()) {
            throw new HearthException(FailureKind.INTERNAL, "fio did not say what it read: see " + answer);
        }
        return rate.doubleValue();
    }
}
