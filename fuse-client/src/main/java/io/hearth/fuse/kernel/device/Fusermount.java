package io.hearth.fuse.kernel.device;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import jnr.posix.CmsgHdr;
import jnr.posix.MsgHdr;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.SpawnFileAction;

/**
 * Mounts by the set-user-id program {@code fusermount3} of libfuse, or {@code fusermount} of libfuse 2: it is given one
 * end of a socket pair as descriptor 3, named by {@code _FUSE_COMMFD}, and sends the device's descriptor through it (as
 * libfuse's {@code mount.c} has it). Java's own processes inherit no descriptor, so it is spawned through jnr-posix.
 */
final class Fusermount {
    private static final List<String> NAMES = List.of("fusermount3", "fusermount");
    private static final int CHILD_END = 3;
    private static final int STANDARD_ERROR = 2;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SOL_SOCKET = 1;
    private static final int O_WRONLY = 1;
    private static final short POLLIN = 1;
    private static final int WNOHANG = 1;
    private static final long POLL_NANOS = 2_000_000;

    private final Libc libc;
    private final POSIX posix = POSIXFactory.getNativePOSIX();

    Fusermount(Libc libc) {
        this.libc = libc;
    }

    /** The program that would be used. */
    static Optional<String> program() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
        return NAMES.stream()
                .filter(name -> List.of(path.split(":")).stream()
                        .anyMatch(folder -> !folder.isEmpty() && Files.isExecutable(Path.of(folder, name))))
                .findFirst();
    }

    /**
     * @param bound of each of its two steps: the descriptor's coming and the program's end
     * @return the device's descriptor
     * @throws HearthException with the program's own word
     */
    int mount(Path directory, String options, Duration bound) {
        String program = program()
                .orElseThrow(() -> new HearthException(
                        FailureKind.DENIED,
                        "this process may not mount on " + directory
                                + ": run it as root (in a container with CAP_SYS_ADMIN), or install fusermount3"
                                + " (apt-get install fuse3)"));
        int[] ends = {-1, -1};
        if (posix.socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
            throw new HearthException(FailureKind.INTERNAL, "no socket pair for " + program);
        }
        Path words = words();
        try {
            long child = spawn(program, List.of(program, "-o", options, "--", directory.toString()), ends[1], words);
            close(ends, 1);
            int descriptor = child > 0 ? receive(ends[0], bound) : -1;
            int status = child > 0 ? await(child, bound) : -1;
            if (descriptor < 0) {
                throw new HearthException(
                        FailureKind.DENIED, program + " does not mount on " + directory + ": " + said(words, status));
            }
            return descriptor;
        } finally {
            close(ends, 0);
            close(ends, 1);
            delete(words);
        }
    }

    private long spawn(String program, List<String> arguments, int end, Path words) {
        Collection<SpawnFileAction> files = List.of(
                SpawnFileAction.dup(end, CHILD_END),
                SpawnFileAction.open(words.toString(), STANDARD_ERROR, O_WRONLY, 0));
        Collection<String> environment = new ArrayList<>();
        System.getenv().forEach((name, value) -> {
            if (!name.equals("LC_ALL")) {
                environment.add(name + "=" + value);
            }
        });
        environment.add("LC_ALL=C");
        environment.add("_FUSE_COMMFD=" + CHILD_END);
        return posix.posix_spawnp(program, files, arguments, environment);
    }

    /** The descriptor that comes through {@code end}; negative if none does. */
    private int receive(int end, Duration bound) {
        NativeBuffer asked = NativeBuffer.allocate(8);
        asked.bytes().putInt(0, end).putShort(4, POLLIN);
        if (libc.poll(asked.address(), 1, (int) bound.toMillis()) <= 0) {
            return -1;
        }
        MsgHdr message = posix.allocateMsgHdr();
        message.setIov(new ByteBuffer[] {ByteBuffer.allocateDirect(1)});
        CmsgHdr control = message.allocateControl(Integer.BYTES);
        if (posix.recvmsg(end, message, 0) <= 0
                || control.getLevel() != SOL_SOCKET
                || control.getType() != SCM_RIGHTS) {
            return -1;
        }
        return control.getData().order(ByteOrder.nativeOrder()).getInt();
    }

    /** The exit status; -1 if the program has not ended in time. */
    private int await(long child, Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        int[] status = {0};
        while (posix.waitpid(child, status, WNOHANG) == 0) {
            if (System.nanoTime() > deadline) {
                return -1;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return status[0];
    }

    private static Path words() {
        try {
            return Files.createTempFile("hearth-fusermount", ".err");
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "no temporary file: " + e.getMessage(), e);
        }
    }

    private static String said(Path words, int status) {
        try {
            String text = Files.readString(words, StandardCharsets.ISO_8859_1).strip();
            return text.isEmpty()
                    ? "status " + status
                    : text.lines().findFirst().orElse(text);
        } catch (IOException e) {
            return "status " + status;
        }
    }

    private static void delete(Path words) {
        try {
            Files.deleteIfExists(words);
        } catch (IOException e) {
            // A few bytes in the folder for temporary files.
        }
    }

    private void close(int[] ends, int index) {
        if (ends[index] >= 0) {
            libc.close(ends[index]);
            ends[index] = -1;
        }
    }
}
