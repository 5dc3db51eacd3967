package io.hearth.worker.tier;

import java.util.concurrent.TimeUnit;

/**
 * When to ask for huge pages, as what they cost shows. On a virtual machine that tells its host of free memory, free huge
 * pages are those that the host has taken back: a GiB of them takes 2.5 s of processor time to give again, where one of small
 * pages saves some 0.4 s by being of huge ones. Where a block was dear, blocks go without for a while, and for longer each time;
 * until one was cheap, one at a time is asked for. Thread-safe.
 */
final class HugePace {
    /** For each MiB; it takes 0.08 ms where the host has the memory, 2.5 ms where it has not. */
    private static final long DEAR_NS = TimeUnit.MICROSECONDS.toNanos(500);
    /** Blocks without huge pages after the first dear one: its 20 ms are a tenth of what these take otherwise. */
    private static final int REST_MIN = 32;

    private static final int REST_MAX = 128;

    private int rest = REST_MIN;
    private int resting;
    private boolean cheap;
    private int asking;

    /** Whether to ask for the next block's; {@link #cost} or {@link #none} follows then. */
    synchronized boolean begin() {
        if (resting > 0) {
            resting--;
            return false;
        }
        if (asking > 0 && !cheap) {
            return false;
        }
        asking++;
        return true;
    }

    /** The block has them now. */
    synchronized void cost(long processorNs, long bytes) {
        asking--;
        cheap = processorNs <= DEAR_NS * Math.max(1, bytes >> 20);
        if (cheap) {
            rest = REST_MIN;
        } else if (resting == 0) {
            resting = rest;
            rest = Math.min(2 * rest, REST_MAX);
        }
    }

    /** The block got none, which says nothing of the next. */
    synchronized void none() {
        asking--;
    }
}
