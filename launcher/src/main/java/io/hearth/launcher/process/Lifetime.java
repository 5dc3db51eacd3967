package io.hearth.launcher.process;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process has started, closed in reverse order when the process is told to end (SIGTERM, Ctrl-C) or
 * {@link #close()} is called. Closing is bounded: what hangs is left to the exit. Thread-safe.
 */
public final class Lifetime implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lifetime.class);

    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Duration closeBound;
    /** Starts under way, which {@link #close} waits for. */
    private int starting;

    private boolean closing;

    public Lifetime(Duration closeBound) {
        this.closeBound = closeBound;
    }

    /** Closes everything on SIGTERM and on Ctrl-C. */
    public Lifetime endOnSignal() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "hearth-shutdown"));
        return this;
    }

    /** Takes ownership; what comes after {@link #close()} is closed at once. */
    public <T extends AutoCloseable> T own(T started) {
        synchronized (owned) {
            if (!closing) {
                owned.push(started);
                return started;
            }
        }
        closeOne(started);
        return started;
    }

    /**
     * Owns what {@code start} gives. A {@link #close} that comes meanwhile waits for it: half a server cannot be
     * closed.
     */
    public <T extends AutoCloseable, E extends Exception> T start(Start<T, E> start) throws E {
        synchronized (owned) {
            if (closing) {
                throw new HearthException(FailureKind.UNAVAILABLE, "this process is ending");
            }
            starting++;
        }
        try {
            T started = start.start();
            synchronized (owned) {
                owned.push(started);
            }
            return started;
        } finally {
            synchronized (owned) {
                starting--;
                owned.notifyAll();
            }
        }
    }

    /** Starts something, or fails and leaves nothing behind. */
    public interface Start<T extends AutoCloseable, E extends Exception> {
        T start() throws E;
    }

    /** Whether {@link #close} was called: what fails from here on may fail for that reason. */
    public boolean closing() {
        synchronized (owned) {
            return closing;
        }
    }

    /** Waits until {@link #close()} is done. */
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    @Override
    public void close() {
        synchronized (owned) {
            if (closing) {
                return;
            }
            closing = true;
        }
        Thread closer = new Thread(this::closeAll, "hearth-close");
        closer.setDaemon(true);
        closer.start();
        try {
            if (!ended.await(closeBound.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("still closing after {} s; ending all the same", closeBound.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAll() {
        while (true) {
            AutoCloseable next;
            synchronized (owned) {
                while (starting > 0) {
                    try {
                        owned.wait();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    }
                }
                next = owned.poll();
            }
            if (next == null) {
                ended.countDown();
                return;
            }
            closeOne(next);
        }
    }

    private static void closeOne(AutoCloseable started) {
        try {
            started.close();
        } catch (Exception e) {
            LOG.warn("closing {} failed: {}", started.getClass().getSimpleName(), e.toString());
        }
    }
}
