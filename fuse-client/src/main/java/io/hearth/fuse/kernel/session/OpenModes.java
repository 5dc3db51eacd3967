package io.hearth.fuse.kernel.session;

import io.hearth.client.WholeFile;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.MountMetrics.OpenPath;
import io.hearth.fuse.kernel.device.Errno;
import io.hearth.fuse.kernel.device.FuseDevice;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How each node that has handles is read: all of them by requests and the page cache, or all by the kernel itself from one file.
 * The kernel refuses an open of the other kind with {@code EIO}, and one with another file, until the last handle and the last
 * mapping are gone; it says so by RELEASE, which it sends after it has let go itself. So the first open of a node decides,
 * the last release ends that, and in between nothing does. Thread-safe.
 */
final class OpenModes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenModes.class);

    /** No file: read by requests. */
    static final int CACHED = 0;

    private final FuseDevice device;
    private final FuseFileSystem files;
    private final Duration wait;
    private final MountMetrics metrics;
    private final Map<Long, Node> nodes = new ConcurrentHashMap<>();
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile boolean passes;

    private static final class Node {
        private int handles;
        private boolean decided;
        private int backingId = CACHED;
        private Optional<WholeFile> file = Optional.empty();
    }

    OpenModes(FuseDevice device, FuseFileSystem files, Duration wait, MountMetrics metrics) {
        this.device = device;
        this.files = files;
        this.wait = wait;
        this.metrics = metrics;
    }

    /** The kernel has agreed to read files itself. */
    void allow() {
        passes = true;
    }

    /**
     * A handle of that node is about to be opened; failed, it is not. Waits for the answer of the worker, within its bound.
     *
     * @return the id of the file that the kernel reads itself, or {@link #CACHED}
     */
    int open(long nodeId, long handle) {
        Node node = nodes.compute(nodeId, (id, known) -> {
            Node now = known == null ? new Node() : known;
            now.handles++;
            return now;
        });
        int backingId;
        try {
            backingId = modeOf(node, handle);
        } catch (RuntimeException e) {
            release(nodeId);
            throw e;
        }
        metrics.opened(
                backingId != CACHED
                        ? OpenPath.PASSTHROUGH
                        : files.hasFile(handle) ? OpenPath.DESCRIPTOR : OpenPath.SOCKET);
        return backingId;
    }

    private int modeOf(Node node, long handle) {
        synchronized (node) {
            if (!node.decided) {
                decide(node, handle);
            }
            return node.backingId;
        }
    }

    /** A handle of that node is gone, or never came to be. */
    void release(long nodeId) {
        nodes.computeIfPresent(nodeId, (id, node) -> {
            if (--node.handles > 0) {
                return node;
            }
            end(node);
            return null;
        });
    }

    /**
     * Whether a node has handles and would be opened otherwise if it had none.
     *
     * @param whole whether its file is whole by now
     */
    boolean outdated(long nodeId, boolean whole) {
        Node node = nodes.get(nodeId);
        if (node == null || !passes) {
            return false;
        }
        synchronized (node) {
            return node.file.map(file -> !file.current()).orElse(whole);
        }
    }

    private void decide(Node node, long handle) {
        node.decided = true;
        if (!passes) {
            return;
        }
        Optional<WholeFile> whole = files.whole(handle, wait);
        if (whole.isEmpty()) {
            return;
        }
        int id = device.keep(whole.get().descriptor());
        if (id > 0) {
            node.backingId = id;
            node.file = whole;
        } else {
            whole.get().close();
            refused(-id);
        }
    }

    private void refused(int errno) {
        boolean forAll = errno == Errno.EPERM
                || errno == Errno.ENOTTY
                || errno == Errno.ELOOP // The tier is on a file system upon another, such as overlayfs.
                || errno == Errno.EOPNOTSUPP;
        if (forAll) {
            passes = false;
        }
        if (told.getAndSet(true)) {
            return;
        }
        LOG.info(
                "resident files are read through this process, not by the kernel itself: {}",
                errno == Errno.EPERM
                        ? "that needs CAP_SYS_ADMIN"
                        : "the kernel does not take the file (errno " + errno + ")");
    }

    private void end(Node node) {
        synchronized (node) {
            if (node.backingId != CACHED) {
                device.unkeep(node.backingId);
            }
            node.file.ifPresent(WholeFile::close);
        }
    }

    /** Lets go of all files; what the kernel holds ends with the mount. */
    @Override
    public void close() {
        nodes.keySet()
                .forEach(id -> nodes.computeIfPresent(id, (same, node) -> {
                    end(node);
                    return null;
                }));
    }
}
