package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/**
 * A directory through a mount of its own that only reads and stands nowhere in the tree: files that are opened through it
 * cannot be opened for writing again, neither by their descriptor nor by the kernel, which opens a file that it keeps
 * with the flags of the open that names it, on the mount that it was opened on (Linux 6.18
 * {@code fs/fuse/passthrough.c}, {@code fs/backing-file.c}; {@code do_dentry_open} gives {@code EROFS}). Needs
 * {@code CAP_SYS_ADMIN}. Thread-safe.
 */
final class ReadOnlyMount implements AutoCloseable {
    /** Of every architecture but alpha. */
    private static final long OPEN_TREE = 428;

    private static final long MOUNT_SETATTR = 442;

    private static final long AT_FDCWD = -100;
    private static final long AT_EMPTY_PATH = 0x1000;
    /** {@code OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC}. */
    private static final long CLONE_CLOEXEC = 1 | 02000000;
    /** {@code struct mount_attr}: what to set, what to clear, propagation and a user namespace, 64 bits each. */
    private static final int ATTRIBUTES_BYTES = 32;
    /** {@code MOUNT_ATTR_RDONLY}, {@code NOSUID}, {@code NODEV} and {@code NOEXEC}. */
    private static final long ONLY_READS = 1 | 2 | 4 | 8;

    private static final int PROPAGATION_OFFSET = 16;
    /** {@code MS_PRIVATE}: what is mounted later in the directory does not come here. */
    private static final long PRIVATE = 1 << 18;

    private final int tree;
    private boolean closed;

    private ReadOnlyMount(int tree) {
        this.tree = tree;
    }

    /** @throws HearthException if the kernel is too old (Linux 5.12), or this process may not */
    static ReadOnlyMount of(Path directory) {
        try {
            KernelCalls.C c = KernelCalls.c();
            long tree = c.syscall(OPEN_TREE, AT_FDCWD, directory.toString(), CLONE_CLOEXEC, null, 0, 0);
            if (tree < 0) {
                throw refused(directory, c.strerror(KernelCalls.errno()));
            }
            ReadOnlyMount mount = new ReadOnlyMount((int) tree);
            if (c.syscall(MOUNT_SETATTR, tree, "", AT_EMPTY_PATH, attributes(), ATTRIBUTES_BYTES, 0) < 0) {
                String why = c.strerror(KernelCalls.errno());
                mount.close();
                throw refused(directory, why);
            }
            if (Files.isWritable(mount.root())) {
                mount.close();
                throw refused(directory, "it can be written to");
            }
            return mount;
        } catch (LinkageError e) {
            throw refused(directory, "no native calls");
        }
    }

    private static Pointer attributes() {
        Pointer attributes = Memory.allocateDirect(KernelCalls.runtime(), ATTRIBUTES_BYTES, true);
        attributes.putLong(0, ONLY_READS);
        attributes.putLong(PROPAGATION_OFFSET, PRIVATE);
        return attributes;
    }

    private static HearthException refused(Path directory, String why) {
        return new HearthException(FailureKind.UNAVAILABLE, "no read-only mount of " + directory + ": " + why);
    }

    private Path root() {
        return Path.of("/proc/self/fd/" + tree);
    }

    /**
     * Opens a file by its path in the directory.
     *
     * @throws HearthException if it cannot be opened
     */
    synchronized ReadOnlyDescriptor open(Path relative) {
        if (closed) {
            throw new HearthException(FailureKind.UNAVAILABLE, "the worker ends");
        }
        return ReadOnlyDescriptor.of(root().resolve(relative));
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            KernelCalls.c().close(tree);
        }
    }
}
