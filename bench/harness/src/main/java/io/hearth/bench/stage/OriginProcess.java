package io.hearth.bench.stage;

import io.hearth.bench.process.OwnProcess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * An unthrottled S3 server on loopback, S3Proxy over a directory, in a process of its own. It takes unsigned requests.
 *
 * @param endpoint its URL, without a slash at the end
 */
public record OriginProcess(URI endpoint, OwnProcess process) implements AutoCloseable {
    private static final Duration START_BOUND = Duration.ofSeconds(60);

    /** Starts a server over {@code directory}, which has a directory per bucket; it logs beside that. */
    public static OriginProcess start(Path directory, Path log) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                OriginMain.class.getName(),
                directory.toString());
        OwnProcess process = OwnProcess.start("the origin", log, command, Map.of());
        try {
            return new OriginProcess(URI.create(process.awaitLine("origin at ", START_BOUND)), process);
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
