package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs child processes with a bound and keeps what they say. */
final class Shell {
    private final Path scratch;
    private final Map<String, String> environment;

    Shell(Path scratch, Map<String, String> environment) {
        this.scratch = scratch;
        this.environment = environment;
    }

    /** How a command ended. */
    record Result(int exit, String out, String err) {
        /** The output of a command that must have succeeded. */
        String ok() {
            if (exit != 0) {
                fail("exit " + exit + "\n" + out + err);
            }
            return out;
        }

        /** The one error line of a command that must have failed so. */
        String refused(int status) {
            List<String> lines = err.lines().filter(line -> !line.isBlank()).toList();
            if (exit != status || lines.size() != 1 || !lines.get(0).startsWith("hearth: ")) {
                fail("wanted exit " + status + " and one line, got exit " + exit + "\n" + out + err);
            }
            return lines.get(0);
        }
    }

    Result bash(String script) {
        return run(Duration.ofMinutes(2), "bash", "-c", script);
    }

    Result run(Duration bound, String... command) {
        try {
            Path out = Files.createTempFile(scratch, "out", "");
            Path err = Files.createTempFile(scratch, "err", "");
            Process process = builder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                fail("not done after " + bound + ": " + List.of(command) + "\n" + Files.readString(out)
                        + Files.readString(err));
            }
            return new Result(process.exitValue(), text(out), text(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    ProcessBuilder builder(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(scratch.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("HEARTH_") || name.startsWith("AWS_"));
        builder.environment().putAll(environment);
        return builder;
    }

    private static String text(Path file) throws IOException {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        Files.delete(file);
        return text;
    }
}
