package io.hearth.fuse.jnr;

import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.OpenReply;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The file system by path, as libfuse's high level asks. The kernel has one inode, with one size and one set of cached pages,
 * for each path, and cannot be told that they changed. So that no reader ever gets pages or a size of one version with
 * bytes of another:
 *
 * <ul>
 *   <li>a path with open handles keeps its object, for new opens and for {@code stat}, until the last is released;
 *   <li>cached pages are kept at an open only if the path's last open was of the same object and a reader has been seen
 *       since, which proves that the kernel has dropped the pages of the version before;
 *   <li>an open gets the version whose attributes the kernel was last told; where that cannot be known, or is too long
 *       ago, {@code ESTALE} once: Linux then looks the name up again, past its caches, and repeats the open.
 * </ul>
 *
 * Thread-safe.
 */
final class PathView {
    /** Paths whose last object is remembered; a forgotten one only costs its cached pages. */
    private static final int REMEMBERED_MAX = 65_536;

    /** The kernel counts its timeouts in ticks of up to 10 ms, from when it has the answer. */
    private static final long SLACK_NANOS = 250_000_000;

    private final FuseFileSystem fileSystem;
    private final LongSupplier nanoTime;
    private final long windowNanos;
    private final Object lock = new Object();
    private final Map<String, PathState> open = new HashMap<>();
    private final Map<String, PathState> closed = new Remembered<>();
    private final Map<String, Told> told = new Remembered<>();
    private final Map<Long, PathState> handles = new ConcurrentHashMap<>();

    /** What the kernel was told of a path. */
    private record Told(Attributes attributes, long atNanos) {}

    /** A path and the object that it was last opened on. */
    private static final class PathState {
        final String path;
        final Attributes attributes;
        int handles;
        volatile boolean readerSeen;

        PathState(String path, Attributes attributes) {
            this.path = path;
            this.attributes = attributes;
        }
    }

    private static final class Remembered<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1L;

        Remembered() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > REMEMBERED_MAX;
        }
    }

    /** @param cacheFor how long the kernel keeps names and attributes */
    PathView(FuseFileSystem fileSystem, Duration cacheFor, LongSupplier nanoTime) {
        this.fileSystem = fileSystem;
        this.nanoTime = nanoTime;
        this.windowNanos = cacheFor.toNanos() + SLACK_NANOS;
    }

    /** What {@code stat} of {@code path} shows. */
    Attributes attributes(String path) {
        synchronized (lock) {
            PathState state = open.get(path);
            if (state != null) {
                return state.attributes;
            }
            Attributes now = walk(path);
            if (!now.directory() && mayBeUnknown(path, now)) {
                told.put(path, new Told(now, nanoTime.getAsLong()));
            }
            return now;
        }
    }

    OpenReply open(String path) {
        synchronized (lock) {
            PathState state = open.get(path);
            if (state == null) {
                Attributes now = known(path, walk(path));
                PathState before = closed.get(path);
                boolean same = before != null && before.attributes.inode() == now.inode();
                state = same ? before : new PathState(path, now);
            }
            OpenReply reply = fileSystem.open(state.attributes.inode());
            state.handles++;
            open.put(path, state);
            closed.remove(path);
            told.remove(path);
            handles.put(reply.handle(), state);
            return new OpenReply(reply.handle(), reply.attributes(), reply.keepCache() && state.readerSeen);
        }
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
                    open.remove(state.path);
                    closed.put(state.path, state);
                }
            }
        }
        fileSystem.release(handle);
    }

    /** Whether the kernel may hold attributes of another version of {@code path}. */
    private boolean mayBeUnknown(String path, Attributes now) {
        PathState before = closed.get(path);
        boolean otherBefore = before != null && before.attributes.inode() != now.inode();
        return otherBefore || now.sinceNanos() != 0 && nanoTime.getAsLong() - now.sinceNanos() < windowNanos;
    }

    /** The version of {@code path} that the kernel knows: {@code now}, or one that it was told a moment ago. */
    private Attributes known(String path, Attributes now) {
        if (!mayBeUnknown(path, now)) {
            return now;
        }
        Told last = told.get(path);
        if (last == null) {
            throw FuseErrno.ESTALE.failure();
        }
        boolean current = last.attributes().inode() == now.inode()
                && (now.sinceNanos() == 0 || last.atNanos() - now.sinceNanos() >= 0);
        if (!current && nanoTime.getAsLong() - last.atNanos() >= windowNanos) {
            throw FuseErrno.ESTALE.failure();
        }
        return last.attributes();
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
