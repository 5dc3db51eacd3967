package io.hearth.bench.small;

import io.hearth.bench.process.OwnProcess;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code find}, over all files below a directory. */
final class NameWalk {
    private static final Duration BOUND = Duration.ofMinutes(10);

    private final Path log;
    private final int files;

    /**
     * @param log a directory for what it prints
     * @param files that it must find
     */
    NameWalk(Path log, int files) {
        this.log = log;
        this.files = files;
    }

    /** Prints the names. @return files a second */
    double names(Path directory) throws IOException {
        return measure(directory, List.of());
    }

    /** Prints sizes and times, which takes a {@code stat} of each file. @return files a second */
    double attributes(Path directory) throws IOException {
        return measure(directory, List.of("-printf", "%s %T@ %i\\n"));
    }

    private double measure(Path directory, List<String> printing) throws IOException {
        Path lines = log.resolve("found");
        List<String> command = new ArrayList<>(List.of("find", directory.toString(), "-type", "f"));
        command.addAll(printing);
        long begun = System.nanoTime();
        OwnProcess.complete("find", lines, command, Map.of(), BOUND);
        double seconds = (System.nanoTime() - begun) / 1e9;
        try (Stream<String> found = Files.lines(lines)) {
            long count = found.count();
            if (count != files) {
                throw new HearthException(
                        FailureKind.CORRUPT, directory + " shows " + count + " of " + files + " files");
            }
        }
        return files / seconds;
    }
}
