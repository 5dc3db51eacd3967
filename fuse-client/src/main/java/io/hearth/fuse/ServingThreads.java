package io.hearth.fuse;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Threads of ours that serve a mount's requests: one at first, one more whenever all are busy, up to a bound; they end
 * with the mount. libfuse's own threads would be attached to the JVM and detached again at each of their first 1,000
 * requests (jffi's {@code THREAD_ATTACH_THRESHOLD}), and libfuse ends them beyond 10 idle ones: with 64 requests under
 * way that took a third of a cold read's processor time in the mount. Thread-safe.
 */
public final class ServingThreads {
    private static final long JOIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    private final Runnable loop;
    private final int threadsMax;
    private final Deque<Thread> started = new ArrayDeque<>();
    private int threads = 1;
    private int busy;

    /** @param loop serves on the calling thread until the mount ends */
    public ServingThreads(Runnable loop, int threadsMax) {
        this.loop = loop;
        this.threadsMax = threadsMax;
    }

    /** A request came to one of the threads. */
    public synchronized void entered() {
        busy++;
        if (busy == threads && threads < threadsMax) {
            threads++;
            Thread thread = new Thread(loop, "hearth-fuse-" + threads);
            thread.setDaemon(true);
            started.push(thread);
            thread.start();
        }
    }

    /** The request is answered. */
    public synchronized void left() {
        busy--;
    }

    /**
     * Serves on the calling thread too, then waits until the others have ended.
     *
     * @return whether all have, within ten seconds
     */
    public boolean serve() {
        loop.run();
        boolean ended = true;
        long deadline = System.nanoTime() + JOIN_NANOS_MAX;
        for (Thread thread = next(); thread != null; thread = next()) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            ended &= !thread.isAlive();
        }
        return ended;
    }

    private synchronized Thread next() {
        return started.poll();
    }
}
