package io.hearth.fuse.kernel.session;

import java.util.HashMap;
import java.util.Map;

/** The requests that may wait for bytes, each with its thread, so that the kernel can interrupt them. Thread-safe. */
final class InFlight {
    /** Interrupts that overtook their requests: another thread may read one before its request has begun. */
    private static final int EARLY_MAX = 64;

    private final Map<Long, Thread> running = new HashMap<>();
    private final long[] early = new long[EARLY_MAX];
    private int nextEarly;
    private boolean ended;

    /**
     * The calling thread begins to answer.
     *
     * @return false if nobody waits for the answer any more: do not begin
     */
    synchronized boolean begin(long unique) {
        if (ended) {
            return false;
        }
        for (long interrupted : early) {
            if (interrupted == unique) {
                return false;
            }
        }
        running.put(unique, Thread.currentThread());
        return true;
    }

    /**
     * The calling thread has its answer. From here on it is not interrupted.
     *
     * @return whether it was
     */
    synchronized boolean end(long unique) {
        running.remove(unique);
        return Thread.interrupted();
    }

    /** Wakes the thread that answers {@code unique}. One that is answered, or never comes, is remembered in vain. */
    synchronized void interrupt(long unique) {
        Thread thread = running.get(unique);
        if (thread != null) {
            thread.interrupt();
        } else {
            early[nextEarly] = unique;
            nextEarly = (nextEarly + 1) % EARLY_MAX;
        }
    }

    /** Nobody waits for any answer any more. */
    synchronized void endAll() {
        ended = true;
        running.values().forEach(Thread::interrupt);
    }
}
