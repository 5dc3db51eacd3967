package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Makes a directory this worker's own: lock file, format file. Closing gives the lock back. */
final class TierLock implements Closeable {
    static final String LOCK = "lock";
    static final String FORMAT = "FORMAT";
    private static final String FORMAT_NEW = "FORMAT.new";
    private static final String FORMAT_LINE = "hearth-tier 1";

    private final FileChannel channel;

    private TierLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws HearthException in one line: in use, of another format, not a tier, or not writable */
    static TierLock take(Path directory) {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            FileChannel channel = FileChannel.open(
                    directory.resolve(LOCK), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
            try {
                lock(channel, directory);
                checkFormat(directory);
                return new TierLock(channel);
            } catch (IOException | HearthException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "the tier " + directory + " cannot be used: " + e.getMessage() + "; change worker.tiers",
                    e);
        }
    }

    private static void lock(FileChannel channel, Path directory) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new HearthException(
                    FailureKind.CONFLICT,
                    "the tier " + directory + " is in use by another worker: stop that one, or change worker.tiers");
        }
    }

    private static void checkFormat(Path directory) throws IOException {
        Path format = directory.resolve(FORMAT);
        if (Files.exists(format)) {
            String found = Files.readString(format).strip();
            if (!found.equals(FORMAT_LINE)) {
                throw new HearthException(
                        FailureKind.UNSUPPORTED_VERSION,
                        "the tier " + directory + " has the format '" + found + "', this build reads '" + FORMAT_LINE
                                + "': use the build that wrote it, or change worker.tiers");
            }
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<String> others = files.map(path -> path.getFileName().toString())
                    .filter(name -> !name.equals(LOCK) && !name.equals(FORMAT_NEW))
                    .toList();
            if (!others.isEmpty()) {
                throw new HearthException(
                        FailureKind.CONFLICT,
                        "the directory " + directory + " is not empty and no tier (it holds " + others.get(0)
                                + "): give worker.tiers an empty one");
            }
        }
        Path fresh = directory.resolve(FORMAT_NEW);
        Files.writeString(fresh, FORMAT_LINE + "\n");
        Files.move(fresh, format, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
