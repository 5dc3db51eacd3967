package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks, before anything is mounted, that this machine and the directory can take a mount. */
public final class MountPoint {
    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final Pattern ADOPTED = Pattern.compile("/dev/fd/[0-9]{1,9}");

    private MountPoint() {}

    /**
     * Whether {@code directory} is {@code /dev/fd/N}: somebody else has mounted, and hands the descriptor down to us.
     */
    public static boolean adopted(Path directory) {
        return ADOPTED.matcher(directory.toString()).matches();
    }

    /** The descriptor of an {@link #adopted} mount. */
    public static int descriptor(Path directory) {
        return Integer.parseInt(directory.getFileName().toString());
    }

    /**
     * The real path of a directory that can be mounted on.
     *
     * @throws HearthException in one line that says what is in the way and what to do
     */
    public static Path check(Path directory) {
        return check(directory, DEVICE, new MountTable());
    }

    static Path check(Path directory, Path device, MountTable table) {
        if (!Files.exists(device)) {
            throw new HearthException(
                    FailureKind.UNAVAILABLE,
                    "there is no " + device
                            + ": load the kernel's module (modprobe fuse), or run the container with --device /dev/fuse"
                            + " --cap-add SYS_ADMIN");
        }
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            throw new HearthException(
                    FailureKind.DENIED,
                    "no permission to open " + device + ": run as root or as a member of its group");
        }
        Path real = realPath(directory, table);
        Optional<MountTable.Row> mounted = table.at(real);
        if (mounted.isPresent()) {
            throw new HearthException(
                    FailureKind.CONFLICT,
                    mounted.get().hearth()
                            ? occupied(real)
                            : real + " is a mount point already ("
                                    + mounted.get().type() + "): name another directory");
        }
        if (!Files.isDirectory(real)) {
            throw new HearthException(FailureKind.INVALID, real + " is no directory: name an empty one");
        }
        try (Stream<Path> entries = Files.list(real)) {
            if (entries.findAny().isPresent()) {
                throw new HearthException(
                        FailureKind.CONFLICT, real + " is not empty: a mount would hide its files; name an empty one");
            }
        } catch (IOException e) {
            throw new HearthException(FailureKind.DENIED, "cannot list " + real + ": " + e.getMessage(), e);
        }
        return real;
    }

    /** Asks the mount table before the directory itself: a dead mount, or one of this process, must not be touched. */
    private static Path realPath(Path directory, MountTable table) {
        Path absolute = directory.toAbsolutePath().normalize();
        Optional<MountTable.Row> mounted = table.at(absolute);
        if (mounted.isPresent() && mounted.get().hearth()) {
            throw new HearthException(FailureKind.CONFLICT, occupied(absolute));
        }
        try {
            return directory.toRealPath();
        } catch (NoSuchFileException e) {
            throw new HearthException(
                    FailureKind.NOT_FOUND, "there is no directory " + absolute + ": mkdir -p " + absolute, e);
        } catch (FileSystemException e) {
            String reason = String.valueOf(e.getReason());
            if (reason.contains("Transport endpoint is not connected")) {
                throw new HearthException(FailureKind.CONFLICT, dead(absolute), e);
            }
            throw new HearthException(FailureKind.INVALID, "cannot mount on " + absolute + ": " + reason, e);
        } catch (IOException e) {
            throw new HearthException(FailureKind.INVALID, "cannot mount on " + absolute + ": " + e.getMessage(), e);
        }
    }

    /** Whether a live or a dead mount of ours is there is for a child process to find out. */
    private static String occupied(Path directory) {
        return ChildProcess.connected(directory)
                ? directory + " is a mount point already: hearth umount " + directory
                : dead(directory);
    }

    private static String dead(Path directory) {
        return directory + " holds a dead mount (Transport endpoint is not connected): umount -l " + directory;
    }
}
