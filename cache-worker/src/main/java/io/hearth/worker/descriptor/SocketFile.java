package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * The socket's place in the file system. It is bound under a name of its own, given its mode, and then renamed to its
 * place: who finds it there may use it, and a file that a killed worker left is replaced in one step. Used by one
 * thread.
 */
final class SocketFile {
    /** {@code sun_path} has 108 bytes with the final NUL; the unpublished name is longer by a suffix. */
    private static final int PATH_BYTES_MAX = 107;

    private static final String SUFFIX = ".new";

    private final Path path;
    private final Path unpublished;
    private final Set<PosixFilePermission> mode;
    private Optional<Object> identity = Optional.empty();

    private SocketFile(Path path, Path unpublished, Set<PosixFilePermission> mode) {
        this.path = path;
        this.unpublished = unpublished;
        this.mode = mode;
    }

    /**
     * Makes the folder, and sees that nobody listens there.
     *
     * @throws HearthException in one line
     */
    static SocketFile of(Path path, Set<PosixFilePermission> mode) {
        Path absolute = path.toAbsolutePath();
        Path unpublished = absolute.resolveSibling(absolute.getFileName() + SUFFIX);
        int bytes = unpublished.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > PATH_BYTES_MAX) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "the path " + absolute + " is too long for a socket by " + (bytes - PATH_BYTES_MAX)
                            + " bytes: set worker.socket, and client.worker-socket, to a shorter one");
        }
        try {
            Files.createDirectories(absolute.getParent());
            if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
                requireStale(absolute);
            }
            Files.deleteIfExists(unpublished);
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot use " + absolute + ": " + e.getMessage(), e);
        }
        return new SocketFile(absolute, unpublished, mode);
    }

    private static void requireStale(Path path) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new HearthException(
                    FailureKind.CONFLICT, path + " is there and is no socket: move it, or set worker.socket");
        }
        boolean answered;
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            answered = probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            answered = false; // Refused: whoever made it is gone.
        }
        if (answered) {
            throw new HearthException(
                    FailureKind.CONFLICT, "another worker listens at " + path + ": set worker.socket for one of them");
        }
    }

    Path path() {
        return path;
    }

    /** Where to bind. */
    Path unpublished() {
        return unpublished;
    }

    /** Sets the mode and moves the bound socket to its place. */
    void publish() {
        try {
            Files.setPosixFilePermissions(unpublished, mode);
            identity = key(unpublished);
            Files.move(unpublished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot listen at " + path + ": " + e.getMessage(), e);
        }
    }

    /** Takes the socket away, unless another worker's stands there by now. */
    void remove() {
        try {
            if (identity.isPresent() && Files.exists(path, LinkOption.NOFOLLOW_LINKS) && identity.equals(key(path))) {
                Files.delete(path);
            }
        } catch (IOException e) {
            // What is left refuses connections, and the next worker replaces it.
        }
    }

    private static Optional<Object> key(Path file) throws IOException {
        return Optional.ofNullable(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey());
    }
}
