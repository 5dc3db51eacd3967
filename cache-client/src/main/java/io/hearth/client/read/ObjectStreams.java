package io.hearth.client.read;

import io.hearth.client.read.ReadWindow.Bounds;
import io.hearth.client.read.ReadWindow.Plan;
import io.hearth.client.read.ReadWindow.Range;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** The streams of all who have one object open. Thread-safe. */
final class ObjectStreams {
    private final ReadWindow window;
    private final AtomicInteger streaming;
    private final LongSupplier nanoTime;
    private volatile boolean headerAwaited;
    private int counted;
    private int opens;

    /**
     * @param headed whether nothing but what is asked for is wanted before any bytes have come
     * @param streaming streams of all objects together, kept up to date by this one's
     */
    ObjectStreams(long objectBytes, boolean headed, int cursorsMax, AtomicInteger streaming, LongSupplier nanoTime) {
        this.headerAwaited = headed;
        this.window = new ReadWindow(objectBytes, cursorsMax);
        this.streaming = streaming;
        this.nanoTime = nanoTime;
    }

    synchronized void opened() {
        opens++;
    }

    /** Gives whether nobody has it open any more. */
    synchronized boolean closed() {
        opens--;
        if (opens == 0) {
            count(0);
        }
        return opens == 0;
    }

    /** Whether bytes beside those asked for would only make the first ones late. */
    boolean awaitHeader() {
        return headerAwaited;
    }

    /** A read has brought its bytes. */
    void brought() {
        headerAwaited = false;
    }

    /** A read under way. */
    record Reading(Plan plan, int length, long startNs) {}

    synchronized Reading begin(long offset, int length, Bounds bounds) {
        long nowNs = nanoTime.getAsLong();
        Plan plan = window.begin(offset, length, nowNs, bounds);
        count(opens == 0 ? 0 : window.streams(nowNs));
        return new Reading(plan, length, nowNs);
    }

    synchronized void ended(Reading reading) {
        window.ended(reading.plan(), reading.length(), reading.startNs(), nanoTime.getAsLong());
    }

    /** As {@link ReadWindow#ahead}. */
    synchronized Optional<Range> ahead(long from, long bytes) {
        return window.ahead(from, bytes);
    }

    /** Leaves those out that nobody has read for a while. */
    synchronized void recount() {
        count(opens == 0 ? 0 : window.streams(nanoTime.getAsLong()));
    }

    private void count(int now) {
        streaming.addAndGet(now - counted);
        counted = now;
    }
}
