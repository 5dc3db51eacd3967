package io.hearth.cluster;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The store's directory: held by one process, and of a format that this build knows. */
final class StoreDirectory implements AutoCloseable {
    /**
     * Version of all that lies in the directory: the layout, the maps' names and the key forms of queues and leases.
     */
    static final int FORMAT_VERSION = 1;

    private static final String TITLE = "hearth cluster store ";

    private final Path root;
    private final FileChannel lockFile;

    private StoreDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    static StoreDirectory open(Path root) {
        FileChannel lockFile = null;
        try {
            Files.createDirectories(root);
            lockFile = FileChannel.open(root.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!lock(lockFile)) {
                throw new HearthException(
                        FailureKind.CONFLICT,
                        "another master is running on " + root
                                + ": stop it, or give this one its own cluster.directory");
            }
            checkVersion(root.resolve("VERSION"));
            return new StoreDirectory(root, lockFile);
        } catch (IOException e) {
            closeQuietly(lockFile);
            throw new HearthException(
                    FailureKind.INTERNAL, "the store's directory " + root + " cannot be used: " + e.getMessage(), e);
        } catch (HearthException e) {
            closeQuietly(lockFile);
            throw e;
        }
    }

    Path resolve(String name) {
        return root.resolve(name);
    }

    @Override
    public void close() {
        closeQuietly(lockFile);
    }

    private static boolean lock(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static void checkVersion(Path file) throws IOException {
        if (!Files.exists(file)) {
            Path written = file.resolveSibling("VERSION.new");
            Files.writeString(written, TITLE + FORMAT_VERSION + "\n");
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
        if (!text.equals(TITLE + FORMAT_VERSION)) {
            throw new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    "the store in " + file.getParent() + " says '" + text + "', but this build knows '" + TITLE
                            + FORMAT_VERSION + "': run the version of Hearth that wrote it");
        }
    }

    private static void closeQuietly(FileChannel file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // The lock goes with the process at the latest.
        }
    }
}
