package io.hearth.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mounted directory and the process that serves it; ends both.
 *
 * @param directory where it is
 */
public record MountPoint(Path directory, OwnProcess server) implements AutoCloseable {
    private static final Duration MOUNT_BOUND = Duration.ofSeconds(60);
    private static final Path MOUNTS = Path.of("/proc/self/mounts");

    /** Waits until the process has mounted the directory. */
    public static MountPoint await(Path directory, OwnProcess server) {
        MountPoint mount = new MountPoint(directory, server);
        server.await("mount", MOUNT_BOUND, () -> mount.mounted() ? Optional.of(true) : Optional.empty());
        return mount;
    }

    private boolean mounted() {
        try {
            return Files.readAllLines(MOUNTS).stream()
                    .anyMatch(line -> line.split(" ", 3)[1].equals(directory.toString()));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        if (mounted()) {
            Path log = Files.createTempFile("umount", ".log");
            try {
                List<String> command = List.of("umount", "-l", directory.toString());
                OwnProcess.complete("umount", log, command, Map.of(), Duration.ofSeconds(10));
            } finally {
                Files.deleteIfExists(log);
            }
        }
    }
}
