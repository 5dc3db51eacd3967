package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Field;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A descriptor that can only read, of a file that is open already: opened by {@code /proc/self/fd}, so that it is that
 * inode, whatever its path has become. Java keeps the number of a descriptor to itself; it is read by reflection, which
 * the launcher allows for this process ({@code --add-opens} of {@code java.io} and {@code sun.nio.ch}).
 */
final class ReadOnlyDescriptor implements AutoCloseable {
    private final RandomAccessFile file;
    private final int number;

    private ReadOnlyDescriptor(RandomAccessFile file, int number) {
        this.file = file;
        this.number = number;
    }

    /**
     * @param open by the caller until this returns
     * @throws HearthException {@link FailureKind#INTERNAL} if it cannot be had
     */
    static ReadOnlyDescriptor of(FileChannel open) {
        try {
            return of(inProc(numberOf(field(open, "fd"))));
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw failed(e);
        }
    }

    /**
     * Of the file that a path means now.
     *
     * @throws HearthException {@link FailureKind#INTERNAL} if it cannot be had
     */
    static ReadOnlyDescriptor of(Path path) {
        try {
            RandomAccessFile file = new RandomAccessFile(path.toString(), "r");
            try {
                return new ReadOnlyDescriptor(file, numberOf(file.getFD()));
            } catch (IOException | ReflectiveOperationException | RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (IOException | ReflectiveOperationException | RuntimeException e) {
            throw failed(e);
        }
    }

    private static HearthException failed(Exception why) {
        return new HearthException(FailureKind.INTERNAL, "no read-only descriptor: " + why.getMessage(), why);
    }

    private static Path inProc(int number) {
        return Path.of("/proc/self/fd/" + number);
    }

    /** Whether both are of one inode. */
    boolean isSameAs(FileChannel open) {
        try {
            return inode(number).equals(inode(numberOf(field(open, "fd"))));
        } catch (IOException | ReflectiveOperationException e) {
            throw failed(e);
        }
    }

    private static Object inode(int number) throws IOException {
        return Files.readAttributes(inProc(number), "unix:dev,ino");
    }

    /** Why none can be had in this process; empty if they can. */
    static Optional<String> unavailable() {
        try (RandomAccessFile probe = new RandomAccessFile("/proc/self/stat", "r");
                ReadOnlyDescriptor copy = of(probe.getChannel())) {
            return copy.number() > 0 ? Optional.empty() : Optional.of("no descriptor has a number");
        } catch (IOException | HearthException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static int numberOf(Object descriptor) throws ReflectiveOperationException {
        return (Integer) field((FileDescriptor) descriptor, "fd");
    }

    private static Object field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    int number() {
        return number;
    }

    /** Closes this process's copy; one that was sent lives on. */
    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "a descriptor cannot be closed: " + e.getMessage(), e);
        }
    }
}
