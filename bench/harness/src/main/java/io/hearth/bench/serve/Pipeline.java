package io.hearth.bench.serve;

import java.util.concurrent.TimeUnit;

/** Keeps a number of requests under way for a time. Used by one thread. */
record Pipeline(Wanted wanted, Requests requests) {
    /** What is asked for and answered in the same order. */
    interface Requests {
        /** Sends a request for the next {@link Wanted#readBytes}. */
        void ask() throws Exception;

        /** Waits, within a bound, for the answer to the oldest request under way. */
        void awaitOldest() throws Exception;
    }

    /** Reads for that time; bytes a second. What is under way at the end is received, and not counted. */
    double read(long milliseconds) throws Exception {
        for (int i = 0; i < wanted.requests(); i++) {
            requests.ask();
        }
        long start = System.nanoTime();
        long end = start + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        long bytes = 0;
        while (System.nanoTime() < end) {
            requests.awaitOldest();
            bytes += wanted.readBytes();
            requests.ask();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        for (int i = 0; i < wanted.requests(); i++) {
            requests.awaitOldest();
        }
        return bytes / seconds;
    }
}
