package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Takes mounts of Hearth out of the tree, from the process that serves them or from any other, in bounded steps. Never
 * looks into the mount. Thread-safe.
 */
public final class Unmounter {
    private static final long BUSY_POLL_MS = 20;

    private final NativeCalls calls;
    private final MountTable table = new MountTable();
    private final Duration busyGrace;
    private final Duration stepBound;

    /**
     * @param busyGrace how long to wait for programs that hold files open
     * @param stepBound bound of each further step
     */
    public Unmounter(Duration busyGrace, Duration stepBound) {
        this.calls = new NativeCalls();
        this.busyGrace = busyGrace;
        this.stepBound = stepBound;
    }

    /**
     * Unmounts {@code directory}.
     *
     * @param force whether to cut off programs that still hold files open after the grace; they get {@code ENOTCONN}
     * @throws HearthException in one line: not a mount of Hearth, busy, or not allowed
     */
    public void unmount(Path directory, boolean force) {
        Path absolute = mountPoint(directory);
        if (plainly(absolute) || !mounted(absolute)) {
            return;
        }
        if (!force) {
            throw new HearthException(
                    FailureKind.CONFLICT,
                    absolute + " is busy: a program holds files open there; end it, or hearth umount --force "
                            + absolute);
        }
        byForce(absolute);
        if (mounted(absolute)) {
            throw new HearthException(
                    FailureKind.DENIED, "cannot unmount " + absolute + ": try umount -l " + absolute + " as root");
        }
    }

    private Path mountPoint(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        if (mounted(absolute)) {
            return absolute;
        }
        // A link on the way: resolve the parents only, for the last step would enter the mount.
        Path parent = absolute.getParent();
        if (parent != null && absolute.getFileName() != null) {
            try {
                Path real = parent.toRealPath().resolve(absolute.getFileName());
                real = Files.isSymbolicLink(real)
                        ? parent.toRealPath()
                                .resolve(Files.readSymbolicLink(real))
                                .normalize()
                        : real;
                if (mounted(real)) {
                    return real;
                }
            } catch (IOException e) {
                // Falls through to the one answer there is.
            }
        }
        throw new HearthException(FailureKind.NOT_FOUND, absolute + " is not a hearth mount");
    }

    private boolean mounted(Path directory) {
        return table.at(directory).map(MountTable.Row::hearth).orElse(false);
    }

    /** Whether a plain unmount worked within the grace. */
    private boolean plainly(Path directory) {
        long deadline = System.nanoTime() + busyGrace.toNanos();
        int errno = umount(directory, 0);
        while (errno == NativeCalls.EBUSY && System.nanoTime() < deadline) {
            waitUntil(() -> !mounted(directory), BUSY_POLL_MS);
            errno = mounted(directory) ? umount(directory, 0) : 0;
        }
        return errno == 0;
    }

    private void byForce(Path directory) {
        Optional<String> device = table.at(directory).map(MountTable.Row::device);
        umount(directory, NativeCalls.MNT_FORCE);
        if (mounted(directory)) {
            umount(directory, NativeCalls.MNT_DETACH);
        }
        device.ifPresent(Unmounter::abort);
        waitUntil(() -> !mounted(directory), stepBound.toMillis());
    }

    /** Ends a connection that no unmount could; the owner of the mount may, where sysfs can be written. */
    private static void abort(String device) {
        Path abort = Path.of("/sys/fs/fuse/connections", device.substring(device.indexOf(':') + 1), "abort");
        try {
            if (Files.exists(abort)) {
                Files.writeString(abort, "1");
            }
        } catch (IOException e) {
            // Already gone, or not ours to end: the lazy unmount stands.
        }
    }

    private int umount(Path directory, int flags) {
        int errno = bounded(() -> calls.umount(directory.toString(), flags | NativeCalls.UMOUNT_NOFOLLOW));
        if (errno != NativeCalls.EPERM) {
            return errno;
        }
        String lazy = flags == 0 ? "-u" : "-uz";
        ChildProcess.Result result = fusermount(lazy, directory);
        return result.exit() == 0 ? 0 : result.output().contains("busy") ? NativeCalls.EBUSY : NativeCalls.EPERM;
    }

    private ChildProcess.Result fusermount(String lazy, Path directory) {
        try {
            return ChildProcess.run(stepBound, "fusermount3", lazy, directory.toString());
        } catch (HearthException e) {
            return ChildProcess.run(stepBound, "fusermount", lazy, directory.toString());
        }
    }

    /** The call's answer, or {@code EBUSY} if it did not come within a step's bound. */
    private int bounded(java.util.function.IntSupplier call) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        answer.complete(call.getAsInt());
                    } catch (RuntimeException | Error e) {
                        answer.completeExceptionally(e);
                    }
                },
                "hearth-umount");
        thread.setDaemon(true);
        thread.start();
        try {
            return answer.get(stepBound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return NativeCalls.EBUSY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return NativeCalls.EBUSY;
        } catch (ExecutionException e) {
            throw HearthException.of(e);
        }
    }

    private static void waitUntil(BooleanSupplier condition, long boundMs) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(boundMs);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
