package io.hearth.fuse.tree;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Since when some nodes show their versions, as {@link System#nanoTime} counts. Most have been there from the start,
 * and then nothing is kept. Thread-safe.
 *
 * @param since by place; empty where all were there from the start
 * @param shownAt when the tree was first shown whose new versions have {@link #NEW}
 */
record VersionTimes(long[] since, AtomicLong shownAt) {
    static final VersionTimes FROM_THE_START = new VersionTimes(new long[0], new AtomicLong());

    /** There from the start. */
    static final long START = 0;

    /** Stands for {@code shownAt}. */
    static final long NEW = Long.MIN_VALUE;

    long at(int index) {
        if (since.length == 0) {
            return START;
        }
        return since[index] == NEW ? shownAt.get() : since[index];
    }

    long sizeBytes() {
        return 8L * since.length;
    }
}
