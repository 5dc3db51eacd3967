package io.hearth.fuse.jnr;

import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.FuseFailure;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.OpenReply;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * The file system by path, as libfuse's high level asks. The kernel has one inode, with one size and one set of cached
 * pages, for each path, and cannot be told that they changed. So that no reader ever gets pages or a size of one
 * version with bytes of another:
 *
 * <ul>
 *   <li>a path with open handles keeps its object, for new opens and for {@code stat}, until the last is released;
 *   <li>cached pages are kept at an open only if the path's last open was of the same object and a reader has been seen
 *       since, which proves that the kernel has dropped the pages of the version before;
 *   <li>an open of a version that has just taken its path waits until the attributes of the one before have run out in the
 *       kernel: from then on it asks anew, and is told those of the version that is open.
 * </ul>
 *
 * Remembering which attributes the kernel was told in place of waiting does not do: it drops answers that cross each
 * other. Thread-safe.
 */
final class PathView {
    /** Paths whose last object is remembered; a forgotten one only costs its cached pages. */
    private static final int CLOSED_MAX = 65_536;

    /** The kernel counts a timeout from when the asking process runs again, in ticks of up to 10 ms. */
    private static final long SLACK_NANOS = 150_000_000;

    /** Waits of one open, each for another version: more refreshes than these in a row end it with {@code ESTALE}. */
    private static final int WAITS_MAX = 8;

    private final FuseFileSystem fileSystem;
    private final LongSupplier nanoTime;
    private final LongConsumer park;
    private final long runOutNanos;
    private final Object lock = new Object();
    private final Map<String, PathState> open = new HashMap<>();
    private final Map<String, PathState> closed = new Remembered();
    private final Map<Long, PathState> handles = new ConcurrentHashMap<>();

    /** A path and the object that it was last opened on. */
    private static final class PathState {
        final String path;
        final Attributes attributes;
        int handles;
        long closedAtNanos;
        volatile boolean readerSeen;

        PathState(String path, Attributes attributes) {
            this.path = path;
            this.attributes = attributes;
        }
    }

    private static final class Remembered extends LinkedHashMap<String, PathState> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PathState> eldest) {
            return size() > CLOSED_MAX;
        }
    }

    /** @param cacheFor how long the kernel keeps names and attributes */
    PathView(FuseFileSystem fileSystem, Duration cacheFor, LongSupplier nanoTime) {
        this(fileSystem, cacheFor, nanoTime, LockSupport::parkNanos);
    }

    /** @param park lets up to so many nanoseconds pass */
    PathView(FuseFileSystem fileSystem, Duration cacheFor, LongSupplier nanoTime, LongConsumer park) {
        this.park = park;
        this.fileSystem = fileSystem;
        this.nanoTime = nanoTime;
        this.runOutNanos = cacheFor.toNanos() + SLACK_NANOS;
    }

    /** What {@code stat} of {@code path} shows. */
    Attributes attributes(String path) {
        synchronized (lock) {
            PathState state = open.get(path);
            return state != null ? state.attributes : walk(path);
        }
    }

    /** Blocks for the kernel's timeout where the object has just changed. */
    OpenReply open(String path) {
        for (int waits = 0; waits <= WAITS_MAX; waits++) {
            long waitNanos;
            synchronized (lock) {
                PathState state = open.get(path);
                Attributes now = state != null ? state.attributes : walk(path);
                waitNanos = state != null ? 0 : waitNanos(path, now);
                if (waitNanos <= 0) {
                    try {
                        return open(path, now);
                    } catch (FuseFailure e) {
                        if (e.errno() != FuseErrno.ESTALE) {
                            throw e;
                        }
                        // Replaced since the walk: once more, with the version that is there now.
                    }
                }
            }
            pause(waitNanos);
        }
        throw FuseErrno.ESTALE.failure();
    }

    /** Notes that a program reads through {@code handle}: its open is over. */
    void reads(long handle) {
        PathState state = handles.get(handle);
        if (state != null && !state.readerSeen) {
            state.readerSeen = true;
        }
    }

    void release(long handle) {
        PathState state = handles.remove(handle);
        if (state != null) {
            synchronized (lock) {
                state.readerSeen = true;
                if (--state.handles == 0) {
                    state.closedAtNanos = nanoTime.getAsLong();
                    open.remove(state.path);
                    closed.put(state.path, state);
                }
            }
        }
        fileSystem.release(handle);
    }

    private OpenReply open(String path, Attributes now) {
        OpenReply reply = fileSystem.open(now.inode());
        PathState before = open.getOrDefault(path, closed.get(path));
        boolean same = before != null && before.attributes.inode() == now.inode();
        PathState state = same ? before : new PathState(path, now);
        state.handles++;
        open.put(path, state);
        closed.remove(path);
        handles.put(reply.handle(), state);
        return new OpenReply(reply.handle(), reply.attributes(), reply.keepCache() && state.readerSeen);
    }

    /** How long the kernel may still hold attributes of another version of {@code path}. */
    private long waitNanos(String path, Attributes now) {
        long time = nanoTime.getAsLong();
        long wait = now.sinceNanos() == 0 ? 0 : now.sinceNanos() + runOutNanos - time;
        PathState before = closed.get(path);
        if (before != null && before.attributes.inode() != now.inode()) {
            wait = Math.max(wait, before.closedAtNanos + runOutNanos - time);
        }
        return wait;
    }

    private void pause(long nanos) {
        long deadline = nanoTime.getAsLong() + nanos;
        for (long left = nanos; left > 0; left = deadline - nanoTime.getAsLong()) {
            park.accept(left);
        }
    }

    private Attributes walk(String path) {
        if (path.equals("/")) {
            return fileSystem.attributes(FuseFileSystem.ROOT);
        }
        Optional<Attributes> node = Optional.empty();
        long parent = FuseFileSystem.ROOT;
        for (int start = 1; start < path.length(); ) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            node = fileSystem.lookup(parent, path.substring(start, end));
            parent = node.orElseThrow(FuseErrno.ENOENT::failure).inode();
            start = end + 1;
        }
        return node.orElseThrow(FuseErrno.ENOENT::failure);
    }
}
