package io.hearth.bench.stage;

import io.hearth.bench.BenchRun;
import io.hearth.bench.peer.Packages;
import io.hearth.bench.process.OwnProcess;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code bench/native/mapped_read.c}: 300 tensors of a mapped file, copied in shuffled order by some threads. */
public final class MappedRead {
    private static final String COMPILER = "gcc";
    private static final String TENSORS = "300";
    private static final Duration BUILD_BOUND = Duration.ofSeconds(60);
    private static final Duration READ_BOUND = Duration.ofMinutes(5);

    private final Path program;
    private final Path logs;

    private MappedRead(Path program, Path logs) {
        this.program = program;
        this.logs = logs;
    }

    /** Compiles it; empty, with a line that says why, where there is no C compiler. */
    public static Optional<MappedRead> compile(BenchRun run) throws IOException {
        if (!Packages.need(run, COMPILER, "build-essential")) {
            return Optional.empty();
        }
        Path directory = run.newDirectory("native");
        Path program = directory.resolve("mapped_read");
        Path source = run.root().resolve("bench").resolve("native").resolve("mapped_read.c");
        List<String> command =
                List.of(COMPILER, "-O2", "-Wall", "-Werror", "-pthread", "-o", program.toString(), source.toString());
        OwnProcess.complete(COMPILER, directory.resolve("build.log"), command, Map.of(), BUILD_BOUND);
        return Optional.of(new MappedRead(program, directory));
    }

    /**
     * What one run took, in seconds from its first call.
     *
     * @param openSeconds until the file was open
     * @param firstSeconds until the first tensor was copied
     * @param seconds until all were
     */
    public record Times(long bytes, double openSeconds, double firstSeconds, double seconds) {
        public double bytesPerSecond() {
            return bytes / seconds;
        }
    }

    /** Copies every tensor once, with that many threads. */
    public Times measure(Path file, int threads) throws IOException {
        Path answer = Files.createTempFile(logs, "read", ".txt");
        List<String> command = List.of(program.toString(), file.toString(), Integer.toString(threads), TENSORS);
        OwnProcess.complete("mapped_read", answer, command, Map.of(), READ_BOUND);
        String[] words = Files.readString(answer).strip().split(" ");
        if (words.length != 4) {
            throw new HearthException(FailureKind.INTERNAL, "mapped_read did not say how long it took: see " + answer);
        }
        return new Times(
                Long.parseLong(words[0]),
                Double.parseDouble(words[1]),
                Double.parseDouble(words[2]),
                Double.parseDouble(words[3]));
    }
}
