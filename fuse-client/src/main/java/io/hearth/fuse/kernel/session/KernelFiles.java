package io.hearth.fuse.kernel.session;

import io.hearth.client.WholeFile;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.kernel.device.Errno;
import io.hearth.fuse.kernel.device.FuseDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel keep whole files, to read them itself: by this process's own right, or, without it, by the worker
 * whose files they are. What is refused is read through this process, and why is told once. Thread-safe.
 */
final class KernelFiles {
    private static final Logger LOG = LoggerFactory.getLogger(KernelFiles.class);
    /** After a worker said that it has no file kept: another may have come, which does. */
    private static final long PAUSE_NS = 30_000_000_000L;

    private final FuseDevice device;
    private final FuseFileSystem files;
    private final Duration wait;
    private final LongSupplier nanoTime;
    private final AtomicBoolean told = new AtomicBoolean();
    private final AtomicBoolean toldOfWorker = new AtomicBoolean();
    /** File systems, by number, whose files the kernel does not read itself: as many as the worker's tiers at most. */
    private final Set<Object> stacked = ConcurrentHashMap.newKeySet();

    private volatile boolean asks;
    private volatile boolean mayItself = true;
    /** Until then nobody may ask. */
    private volatile OptionalLong pauseEndsNs = OptionalLong.empty();

    /**
     * A file that the kernel keeps.
     *
     * @param id by which opens name it
     * @param ours whether it was asked for, and is to be ended, by this process
     */
    record Kept(int id, boolean ours, WholeFile file) {}

    /** @param wait bound of each of an open's two questions to the worker: for the file, and to have it kept */
    KernelFiles(FuseDevice device, FuseFileSystem files, Duration wait, LongSupplier nanoTime) {
        this.device = device;
        this.files = files;
        this.wait = wait;
        this.nanoTime = nanoTime;
    }

    /** The kernel has agreed to read files itself. */
    void allow() {
        asks = true;
    }

    /** Whether it reads any, as far as is known now. */
    boolean allowed() {
        OptionalLong end = pauseEndsNs;
        return asks && (end.isEmpty() || nanoTime.getAsLong() - end.getAsLong() >= 0);
    }

    /** An open file, kept, if all of it lies in a file of this machine; waits for that. */
    Optional<Kept> keep(long handle) {
        Optional<WholeFile> whole = allowed() ? files.whole(handle, wait) : Optional.empty();
        return whole.flatMap(this::keep);
    }

    private Optional<Kept> keep(WholeFile file) {
        Optional<Kept> kept = Optional.empty();
        try {
            if (stacked.isEmpty() || !stacked.contains(fileSystem(file))) {
                kept = ask(file);
            }
            return kept;
        } finally {
            if (kept.isEmpty()) {
                file.close();
            }
        }
    }

    private Optional<Kept> ask(WholeFile file) {
        int id = mayItself ? device.keep(file.descriptor()) : -Errno.EPERM;
        boolean ours = id > 0;
        if (id == -Errno.EPERM) {
            mayItself = false;
            id = file.keep(device::copy, wait);
        }
        if (id <= 0) {
            refused(-id, file);
            return Optional.empty();
        }
        if (!ours && !toldOfWorker.getAndSet(true)) {
            LOG.info(
                    "resident files are read by the kernel itself: this node's worker asks for what this process may not");
        }
        return Optional.of(new Kept(id, ours, file));
    }

    /** Ends what {@link #keep} began; opens that name it go on. */
    void end(Kept kept) {
        if (kept.ours()) {
            device.unkeep(kept.id());
        }
        kept.file().close();
    }

    private void refused(int errno, WholeFile file) {
        switch (errno) {
            case Errno.ELOOP -> refuseFileSystem(file);
            case Errno.EAGAIN, Errno.EINTR, Errno.ENOMEM, Errno.EBUSY, Errno.ENFILE, Errno.EMFILE, Errno.ENOSPC ->
                LOG.debug("the kernel does not take the file now (errno {})", errno);
            case Errno.EPERM -> {
                pauseEndsNs = OptionalLong.of(nanoTime.getAsLong() + PAUSE_NS);
                tell("that needs CAP_SYS_ADMIN, here or in this node's worker (worker.passthrough-files)");
            }
            case Errno.ENOTTY, Errno.EOPNOTSUPP -> {
                asks = false;
                tell("the kernel cannot (errno " + errno + ")");
            }
            default -> tell("the kernel does not take the file (errno " + errno + ")");
        }
    }

    private void tell(String why) {
        if (!told.getAndSet(true)) {
            LOG.warn("resident files are read through this process, not by the kernel itself: {}", why);
        }
    }

    private void refuseFileSystem(WholeFile file) {
        if (stacked.add(fileSystem(file))) {
            LOG.warn(
                    "resident files of one tier are read through this process: it lies on a file system upon another, such"
                            + " as overlayfs, whose files the kernel does not read itself; a tier on tmpfs or a disk it does"
                            + " ({})",
                    path(file));
        }
    }

    private static Object fileSystem(WholeFile file) {
        try {
            return Files.getAttribute(Path.of("/proc/self/fd/" + file.descriptor()), "unix:dev");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String path(WholeFile file) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + file.descriptor()))
                    .toString();
        } catch (IOException e) {
            return "a file without a name";
        }
    }
}
