package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.MountMetrics.OpenPath;
import io.hearth.fuse.kernel.session.KernelFiles.Kept;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How each node that has handles is read: all of them by requests and the page cache, or all by the kernel itself from
 * one file. The kernel refuses an open of the other kind with {@code EIO}, and one with another file, until the last
 * handle and the last mapping are gone; it says so by RELEASE, which it sends after it has let go itself. So the first
 * open of a node decides, the last release ends that, and in between nothing does. Thread-safe.
 */
final class OpenModes implements AutoCloseable {
    /** No file: read by requests. */
    static final int CACHED = 0;

    private final KernelFiles kernel;
    private final FuseFileSystem files;
    private final MountMetrics metrics;
    private final Map<Long, Node> nodes = new ConcurrentHashMap<>();

    private static final class Node {
        private int handles;
        private boolean decided;
        private Optional<Kept> kept = Optional.empty();
    }

    OpenModes(KernelFiles kernel, FuseFileSystem files, MountMetrics metrics) {
        this.kernel = kernel;
        this.files = files;
        this.metrics = metrics;
    }

    /** The kernel has agreed to read files itself. */
    void allow() {
        kernel.allow();
    }

    /**
     * A handle of that node is about to be opened; failed, it is not. Waits for the answer of the worker, within its
     * bound.
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
                node.decided = true;
                node.kept = kernel.keep(handle);
            }
            return node.kept.map(Kept::id).orElse(CACHED);
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
        if (node == null || !kernel.allowed()) {
            return false;
        }
        synchronized (node) {
            return node.kept.map(kept -> !kept.file().current()).orElse(whole);
        }
    }

    private void end(Node node) {
        synchronized (node) {
            node.kept.ifPresent(kernel::end);
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
