package io.hearth.bench.peer;

import io.hearth.bench.BenchRun;
import io.hearth.bench.process.OwnProcess;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Programs of the distribution. */
public final class Packages {
    private static final Duration INSTALL_BOUND = Duration.ofMinutes(5);

    private Packages() {}

    /** Whether the program is here, after installing its package where it was not; says what it does, and why not. */
    public static boolean need(BenchRun run, String program, String packageName) throws IOException {
        if (onPath(program)) {
            return true;
        }
        if (!onPath("apt-get")) {
            run.say(program + " is skipped: install it with this system's package manager");
            return false;
        }
        run.say(program + " is missing: installing the package " + packageName + " with apt-get");
        Path logs = run.newDirectory("install");
        Map<String, String> quiet = Map.of("DEBIAN_FRONTEND", "noninteractive");
        try {
            OwnProcess.complete(
                    "apt-get", logs.resolve("update"), List.of("apt-get", "update", "-q"), quiet, INSTALL_BOUND);
            List<String> install = List.of("apt-get", "install", "-y", "-q", "--no-install-recommends", packageName);
            OwnProcess.complete("apt-get", logs.resolve("install"), install, quiet, INSTALL_BOUND);
        } catch (HearthException e) {
            run.say(program + " is skipped: " + e.getMessage());
        }
        return onPath(program);
    }

    private static boolean onPath(String program) {
        return Pattern.compile(":")
                .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
