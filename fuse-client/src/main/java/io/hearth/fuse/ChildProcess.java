package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Commands that look at mounts in this process's place, each within a bound. */
final class ChildProcess {
    private static final Duration LOOK_BOUND = Duration.ofSeconds(5);
    private static final int OUTPUT_BYTES_MAX = 4096;

    private ChildProcess() {}

    /** @param exit -1 if it did not end in time */
    record Result(int exit, String output) {}

    /** @throws HearthException {@link FailureKind#UNAVAILABLE} if there is no such command */
    static Result run(Duration bound, String... command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
            builder.directory(new java.io.File("/"));
            builder.environment().put("LC_ALL", "C");
            Process process = builder.start();
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                return new Result(-1, "no end within " + bound.toMillis() + " ms");
            }
            byte[] output = process.getInputStream().readNBytes(OUTPUT_BYTES_MAX);
            return new Result(process.exitValue(), new String(output, StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            throw new HearthException(FailureKind.UNAVAILABLE, "cannot run " + command[0] + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.INTERNAL, "interrupted while " + command[0] + " ran", e);
        }
    }

    /** Whether the mount at {@code directory} has a process behind it. */
    static boolean connected(Path directory) {
        return run(LOOK_BOUND, "stat", directory.toString()).exit() == 0;
    }
}
