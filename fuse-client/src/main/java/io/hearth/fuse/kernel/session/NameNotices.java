package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseFileSystem.ChangedNames;
import io.hearth.fuse.FuseFileSystem.NameWatcher;
import io.hearth.fuse.kernel.device.FuseDevice;
import io.hearth.fuse.kernel.device.NativeBuffer;
import io.hearth.fuse.kernel.wire.Notice;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells the kernel after a refresh which names to forget, so that they show their new objects at once. On a thread of
 * its own: the kernel takes a name's directory for itself meanwhile, and so may wait for a request that a serving
 * thread must answer. What overtakes a look-up under way is made good by the time for which a name may be kept.
 */
final class NameNotices implements NameWatcher {
    /** Refreshes that wait for their turn; beyond them the refresh itself waits. */
    private static final int WAITING_MAX = 16;

    private final FuseDevice device;
    private final NodeTable nodes;
    private final NativeBuffer message = NativeBuffer.allocate(Notice.BYTES_MAX);
    private final FuseDevice.IoVectors vectors = new FuseDevice.IoVectors();
    private final Notice notice = new Notice(message.bytes());
    private final ThreadPoolExecutor thread;

    NameNotices(FuseDevice device, NodeTable nodes) {
        this.device = device;
        this.nodes = nodes;
        this.thread = new ThreadPoolExecutor(
                0,
                1,
                1,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                work -> {
                    Thread fresh = new Thread(work, "hearth-fuse-notices");
                    fresh.setDaemon(true);
                    return fresh;
                },
                new ThreadPoolExecutor.CallerRunsPolicy());
    }

    @Override
    public void switched(ChangedNames changed) {
        if (!thread.isShutdown()) {
            thread.execute(() -> changed.forEach(this::forget));
        }
    }

    synchronized void forget(long parentInode, String name) {
        long parent = nodes.known(parentInode);
        if (parent != NodeTable.NONE
                && !thread.isShutdown()
                && notice.invalidateEntry(parent, name.getBytes(StandardCharsets.UTF_8))) {
            // ENOENT is the usual answer: the kernel does not have that name.
            device.send(vectors, message);
        }
    }

    /**
     * Ends the thread; gives whether it has ended within the bound. It has not where the kernel makes a notice wait for
     * a request that nobody answers.
     */
    boolean end(Duration bound) {
        return end(thread, bound);
    }

    static boolean end(ThreadPoolExecutor thread, Duration bound) {
        thread.shutdownNow();
        try {
            return thread.awaitTermination(bound.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return thread.isTerminated();
        }
    }
}
