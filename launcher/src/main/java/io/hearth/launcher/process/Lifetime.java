package io.hearth.launcher.process;

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
