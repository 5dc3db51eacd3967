package io.hearth.bench.stage;

import io.hearth.bench.process.OwnProcess;
import io.hearth.testing.hosts.Host;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * An S3 server, S3Proxy over a directory, in a process of its own. It takes unsigned requests.
 *
 * @param endpoint its URL, without a slash at the end
 */
public record OriginProcess(URI endpoint, OwnProcess process) implements AutoCloseable {
    private static final Duration START_BOUND = Duration.ofSeconds(60);

    /** Starts a server over {@code directory}, which has a directory per bucket; it logs beside that. */
    public static OriginProcess start(Path directory, Path log) {
        return start(directory, log, "127.0.0.1", UnaryOperator.identity());
    }

    /** As {@link #start(Path, Path)}, on a host of its own. */
    public static OriginProcess start(Path directory, Path log, Host host) {
        return start(directory, log, host.address(), host::command);
    }

    private static OriginProcess start(Path directory, Path log, String address, UnaryOperator<List<String>> placed) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                OriginMain.class.getName(),
                directory.toString(),
                address);
        OwnProcess process = OwnProcess.start("the origin", log, placed.apply(command), Map.of());
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
