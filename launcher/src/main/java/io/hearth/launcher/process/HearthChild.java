package io.hearth.launcher.process;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A {@code hearth} command in a process of its own, started through the script that started this one. */
public final class HearthChild implements AutoCloseable {
    private static final Duration STOP_BOUND = Duration.ofSeconds(15);

    private final Process process;
    private final Path log;
    private final CompletableFuture<String> firstLine;

    private HearthChild(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.firstLine = new CompletableFuture<>();
        Thread reader = new Thread(this::readFirstLine, "hearth-child-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts {@code hearth arguments...}.
     *
     * @param log where the child's stderr goes; replaced
     * @param detached whether the child outlives this process and its terminal
     */
    public static HearthChild start(Path log, boolean detached, List<String> arguments) {
        return start(log, ProcessBuilder.Redirect.to(log.toFile()), detached, arguments);
    }

    /** Starts a child that draws its bar on this process's terminal, where there is one. */
    public static HearthChild startWithBar(Path log, List<String> arguments) {
        boolean terminal = Boolean.getBoolean("hearth.terminal");
        return start(
                log,
                terminal ? ProcessBuilder.Redirect.INHERIT : ProcessBuilder.Redirect.to(log.toFile()),
                false,
                arguments);
    }

    private static HearthChild start(
            Path log, ProcessBuilder.Redirect stderr, boolean detached, List<String> arguments) {
        String launcher = System.getenv("HEARTH_LAUNCHER");
        if (launcher == null) {
            throw new HearthException(FailureKind.INTERNAL, "HEARTH_LAUNCHER is not set: start Hearth by bin/hearth");
        }
        List<String> command = new ArrayList<>();
        if (detached) {
            command.add("setsid");
        }
        command.add(launcher);
        command.addAll(arguments);
        try {
            Files.createDirectories(log.getParent());
            Files.deleteIfExists(log);
            return new HearthChild(
                    new ProcessBuilder(command).redirectError(stderr).start(), log);
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot start " + command + ": " + e.getMessage(), e);
        }
    }

    private void readFirstLine() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            if (line == null) {
                process.waitFor();
                firstLine.completeExceptionally(new HearthException(FailureKind.INTERNAL, lastWords()));
            } else {
                firstLine.complete(line);
            }
        } catch (IOException | InterruptedException e) {
            firstLine.completeExceptionally(e);
        }
    }

    /** The first line that the child prints; its own error line if it ends without one. */
    public String awaitLine(Duration bound) {
        try {
            return firstLine.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw HearthException.of(e);
        } catch (TimeoutException e) {
            process.destroy();
            throw new HearthException(
                    FailureKind.TIMEOUT, "no sign of life after " + bound.toSeconds() + " s; its log is " + log, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.INTERNAL, "interrupted", e);
        }
    }

    /** Whether the child still runs. */
    public boolean alive() {
        return process.isAlive();
    }

    /** Waits for the child's end; its error line becomes the failure unless it exits with 0. */
    public void awaitSuccess(Duration bound) {
        try {
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new HearthException(
                        FailureKind.TIMEOUT, "not done after " + bound.toSeconds() + " s; its log is " + log);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.INTERNAL, "interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new HearthException(FailureKind.INTERNAL, lastWords());
        }
    }

    private String lastWords() {
        if (!Files.exists(log)) {
            return "a child process failed; its own line stands above";
        }
        try {
            List<String> lines = Files.readAllLines(log);
            for (int i = lines.size() - 1; i >= 0; i--) {
                if (lines.get(i).startsWith("hearth: ")) {
                    return lines.get(i).substring("hearth: ".length());
                }
            }
            return lines.isEmpty() ? "it ended without a word" : lines.get(lines.size() - 1);
        } catch (IOException e) {
            return "it ended, and its log cannot be read: " + e.getMessage();
        }
    }

    /** Ends the child with SIGTERM, then with SIGKILL. */
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
}
