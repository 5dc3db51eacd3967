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
    private int counted;
    private int opens;

    /** @param streaming streams of all objects together, kept up to date by this one's */
    ObjectStreams(long objectBytes, int cursorsMax, AtomicInteger streaming, LongSupplier nanoTime) {
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
