package io.hearth.worker;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Who this worker is, kept in {@code identity} in its directory: a name for ever and a number that grows with each
 * start. Holds the directory's lock until closed.
 */
final class WorkerIdentity implements AutoCloseable {
    private static final String FORMAT_LINE = "hearth-worker 1";
    private static final Pattern ID_LINE = Pattern.compile("id ([a-z0-9-]{1,63})");
    private static final Pattern INCARNATION_LINE = Pattern.compile("incarnation ([0-9]{1,18})");

    private final String id;
    private final long incarnation;
    private final FileChannel lock;

    private WorkerIdentity(String id, long incarnation, FileChannel lock) {
        this.id = id;
        this.incarnation = incarnation;
        this.lock = lock;
    }

    /** Begins a new life. Blocks. */
    static WorkerIdentity take(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel lock =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                lock(lock, directory);
                return next(directory.resolve("identity"), lock);
            } catch (IOException | HearthException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "the worker's directory " + directory + " cannot be used: " + e.getMessage()
                            + "; change worker.directory",
                    e);
        }
    }

    private static void lock(FileChannel lock, Path directory) throws IOException {
        boolean taken;
        try {
            taken = lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            taken = false;
        }
        if (!taken) {
            throw new HearthException(
                    FailureKind.CONFLICT,
                    "another worker runs in " + directory + ": stop that one, or change worker.directory");
        }
    }

    private static WorkerIdentity next(Path file, FileChannel lock) throws IOException {
        String id = "worker-" + UUID.randomUUID().toString().substring(0, 13);
        long incarnation = 1;
        if (Files.exists(file)) {
            List<String> lines = Files.readAllLines(file);
            if (lines.isEmpty() || !lines.get(0).equals(FORMAT_LINE)) {
                throw new HearthException(
                        FailureKind.UNSUPPORTED_VERSION,
                        file + " is not of the format '" + FORMAT_LINE
                                + "': use the build that wrote it, or remove it");
            }
            id = field(ID_LINE, lines, 1, file);
            incarnation = Long.parseLong(field(INCARNATION_LINE, lines, 2, file)) + 1;
        }
        write(file, FORMAT_LINE + "\nid " + id + "\nincarnation " + incarnation + "\n");
        return new WorkerIdentity(id, incarnation, lock);
    }

    private static String field(Pattern form, List<String> lines, int number, Path file) {
        var match = form.matcher(lines.size() > number ? lines.get(number) : "");
        if (!match.matches()) {
            throw new HearthException(
                    FailureKind.CORRUPT, file + " is damaged: remove it, and the worker gets a new name");
        }
        return match.group(1);
    }

    private static void write(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling("identity.new");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            out.write(StandardCharsets.UTF_8.encode(text));
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    String id() {
        return id;
    }

    long incarnation() {
        return incarnation;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot unlock the worker's directory", e);
        }
    }
}
