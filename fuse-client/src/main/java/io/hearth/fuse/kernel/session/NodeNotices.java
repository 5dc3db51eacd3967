package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseFileSystem.InodeWatcher;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Gives an inode a fresh node where its old one is open in a way that no new handle should be: the file has become
 * resident under cached handles, or has left its tier under handles that the kernel reads from it. The old node goes on
 * as it is; the kernel is told to forget the name, so that the next look-up finds the fresh one. On a thread of its
 * own, as {@link NameNotices}.
 */
final class NodeNotices implements InodeWatcher {
    private final FuseFileSystem files;
    private final NodeTable nodes;
    private final OpenModes modes;
    private final NameNotices names;

    /**
     * Open inodes, each once however often it changes, so that there are as many as may be open; and whether it became
     * whole.
     */
    private final Map<Long, Boolean> changed = new ConcurrentHashMap<>();

    /** One run that waits sees all that was noted before it begins: one more would find nothing. */
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            work -> {
                Thread fresh = new Thread(work, "hearth-fuse-nodes");
                fresh.setDaemon(true);
                return fresh;
            },
            new ThreadPoolExecutor.DiscardPolicy());

    NodeNotices(FuseFileSystem files, NodeTable nodes, OpenModes modes, NameNotices names) {
        this.files = files;
        this.nodes = nodes;
        this.modes = modes;
        this.names = names;
    }

    @Override
    public void changed(long inode, boolean whole) {
        changed.merge(inode, whole, Boolean::logicalOr);
        thread.execute(this::tellAll);
    }

    private void tellAll() {
        for (Long inode : changed.keySet()) {
            Boolean whole = changed.remove(inode);
            long node = nodes.known(inode);
            if (whole != null && node != NodeTable.NONE && modes.outdated(node, whole)) {
                nodes.retire(node);
                files.visitName(inode, names::forget);
            }
        }
    }

    /** Ends the thread; gives whether it has ended within the bound. */
    boolean end(Duration bound) {
        return NameNotices.end(thread, bound);
    }
}
