package io.hearth.bench.process;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A child process: started, waited for, and ended by its id, each within a bound. Its output goes to a file. */
public final class OwnProcess implements AutoCloseable {
    private static final Duration STOP_BOUND = Duration.ofSeconds(15);
    private static final long POLL_MS = 20;

    private final String name;
    private final Process process;
    private final Path log;

    private OwnProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a command; stdin stays open until the end, stdout and stderr go to {@code log}.
     *
     * @param environment added to this process's own
     */
    public static OwnProcess start(String name, Path log, List<String> command, Map<String, String> environment) {
        return start(name, log, command, environment, List.of());
    }

    /** As {@link #start(String, Path, List, Map)}, without the variables named {@code unset}. */
    public static OwnProcess start(
            String name, Path log, List<String> command, Map<String, String> environment, List<String> unset) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(log.toFile()).redirectErrorStream(true);
            builder.environment().putAll(environment);
            unset.forEach(builder.environment()::remove);
            return new OwnProcess(name, builder.start(), log);
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    /** Runs a command to its end. */
    public static void complete(
            String name, Path log, List<String> command, Map<String, String> environment, Duration bound) {
        try (OwnProcess process = start(name, log, command, environment)) {
            process.await("end", bound, () -> process.process.isAlive() ? Optional.empty() : Optional.of(true));
            if (process.process.exitValue() != 0) {
                throw new HearthException(FailureKind.INTERNAL, name + " failed: " + process.lastLine());
            }
        }
    }

    public long pid() {
        return process.pid();
    }

    /** The rest of the first line of output that starts with {@code prefix}. */
    public String awaitLine(String prefix, Duration bound) {
        return await("say '" + prefix + "...'", bound, () -> line(prefix));
    }

    /** Waits until {@code condition} gives a value; fails when the process ends first or the bound is over. */
    public <T> T await(String what, Duration bound, Supplier<Optional<T>> condition) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (true) {
            boolean alive = process.isAlive();
            Optional<T> value = condition.get();
            if (value.isPresent()) {
                return value.get();
            }
            if (!alive) {
                throw new HearthException(
                        FailureKind.INTERNAL, name + " ended before it could " + what + ": " + lastLine());
            }
            if (System.nanoTime() > deadline) {
                throw new HearthException(
                        FailureKind.TIMEOUT, name + " did not " + what + " within " + bound.toSeconds() + " s");
            }
            pause();
        }
    }

    private void pause() {
        try {
            process.waitFor(POLL_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.INTERNAL, "interrupted", e);
        }
    }

    private Optional<String> line(String prefix) {
        try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.UTF_8)) {
            return lines.lines()
                    .filter(line -> line.startsWith(prefix))
                    .map(line -> line.substring(prefix.length()))
                    .findFirst();
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot read " + log + ": " + e, e);
        }
    }

    private String lastLine() {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
        } catch (IOException e) {
            return "its log cannot be read: " + e;
        }
    }

    /** Ends it with SIGTERM, then with SIGKILL. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor(STOP_BOUND.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
