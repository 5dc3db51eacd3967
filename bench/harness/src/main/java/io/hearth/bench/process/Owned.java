package io.hearth.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** What a bench started, ended last first, when the bench ends or the process is told to end. Thread-safe. */
public final class Owned implements AutoCloseable {
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private boolean closed;

    private Owned() {}

    /** Also closes on SIGTERM and Ctrl-C. */
    public static Owned untilSignal() {
        Owned owned = new Owned();
        Runtime.getRuntime().addShutdownHook(new Thread(owned::close, "bench-end"));
        return owned;
    }

    /** Takes ownership; what comes after the end is closed at once. */
    public <T extends AutoCloseable> T own(T resource) {
        synchronized (started) {
            if (!closed) {
                started.push(resource);
                return resource;
            }
        }
        closeOne(resource);
        throw new IllegalStateException("the bench is ending");
    }

    /** Closes it now, and forgets it. */
    public void end(AutoCloseable resource) {
        synchronized (started) {
            started.remove(resource);
        }
        closeOne(resource);
    }

    /** Removes the directory at the end, with all that is in it. */
    Path ownDirectory(Path directory, boolean keep) {
        if (!keep) {
            own(() -> remove(directory));
        }
        return directory;
    }

    /** Removes the directory at the end, with all that is in it, unless {@code HEARTH_BENCH_KEEP} is set. */
    public Path ownDirectory(Path directory) {
        return ownDirectory(directory, System.getenv("HEARTH_BENCH_KEEP") != null);
    }

    @Override
    public void close() {
        synchronized (started) {
            closed = true;
        }
        while (true) {
            AutoCloseable next;
            synchronized (started) {
                next = started.poll();
            }
            if (next == null) {
                return;
            }
            closeOne(next);
        }
    }

    private static void closeOne(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            System.err.println("bench: ending " + resource + " failed: " + e);
        }
    }

    private static void remove(Path directory) throws IOException {
        List<Path> paths;
        try (var walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
