package io.hearth.fuse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Child processes that touch a mount in the tests' place. */
public final class Child {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private Child() {}

    record Result(int exit, String out) {}

    /** Runs a shell script with {@code $M} as the mount point; standard error joins standard output. */
    static Result sh(Path mount, String script) {
        try (Running child = start(mount, script)) {
            StringBuilder out = new StringBuilder();
            for (String line = child.line(); line != null; line = child.line()) {
                out.append(out.length() == 0 ? "" : "\n").append(line);
            }
            return new Result(child.exit(), out.toString());
        }
    }

    static Running start(Path mount, String script) {
        return start(mount, List.of("bash", "-c", script), "C.UTF-8", BOUND);
    }

    /** Runs a class of the tests. */
    static Running java(Path mount, Class<?> main, String... arguments) {
        return java(mount, BOUND, main, arguments);
    }

    /** Runs a class of the tests, for {@code bound} at most. */
    public static Running java(Path mount, Duration bound, Class<?> main, String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        // The poorest locale: names must not depend on it.
        return start(mount, command, "C", bound);
    }

    private static Running start(Path mount, List<String> command, String locale, Duration bound) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.directory(new java.io.File("/"));
            builder.environment().put("M", mount.toString());
            builder.environment().put("LC_ALL", locale);
            return new Running(builder.start(), bound);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A child that is spoken with line by line. */
    public static final class Running implements AutoCloseable {
        final Process process;
        private final BufferedReader out;

        private Running(Process process, Duration bound) {
            this.process = process;
            this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            process.onExit().orTimeout(bound.toSeconds(), TimeUnit.SECONDS).whenComplete((ended, late) -> {
                if (late != null) {
                    process.destroyForcibly();
                }
            });
        }

        String line() {
            try {
                return out.readLine();
            } catch (IOException e) {
                return null;
            }
        }

        void say(String line) {
            try {
                process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
            } catch (IOException e) {
                throw new IllegalStateException("the child is gone", e);
            }
        }

        /** Runs {@code work} when the process has ended. */
        public void onExit(Runnable work) {
            process.onExit().thenRun(work);
        }

        int exit() {
            try {
                if (!process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)) {
                    throw new AssertionError("child " + process.info() + " does not end");
                }
                return process.exitValue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
