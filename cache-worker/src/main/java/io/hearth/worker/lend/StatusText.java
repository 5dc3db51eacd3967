package io.hearth.worker.lend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A small text that the kernel writes anew for each reader: a file of {@code /proc} or of a cgroup. Thread-safe. */
@FunctionalInterface
public interface StatusText {
    /** The text as it is now; empty if it cannot be read. */
    Optional<String> read();

    /** The file's. */
    static StatusText of(Path file) {
        return () -> {
            try {
                return Optional.of(Files.readString(file));
            } catch (IOException e) {
                return Optional.empty();
            }
        };
    }
}
