package io.hearth.worker.integrity;

import io.hearth.protocol.HearthException;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.roaringbitmap.PeekableIntIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies files of an earlier life of the worker that somebody wants the kernel to read, one after the other at a
 * steady rate, and only while nobody waits for the disk. A chunk that had rotted is dropped, and its file made anew.
 * Thread-safe; its thread is there while there is work.
 */
final class EarlierFiles implements Consumer<ObjectFile>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EarlierFiles.class);

    /** Files that wait; who opens one that found no place asks again. */
    private static final int WAITING_MAX = 64;

    /** One chunk is read after this wait even so, or a busy worker would never be done. */
    private static final long YIELD_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int SCRATCH_BYTES = 256 << 10;
    private static final int CLOSE_SECONDS_MAX = 5;

    private final TierStore store;
    private final Pace pace;
    private final BooleanSupplier demand;
    private final Stop stop = new Stop();
    private final Set<ObjectFile> wanted = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING_MAX), work -> {
                Thread fresh = new Thread(work, "hearth-earlier-files");
                fresh.setDaemon(true);
                return fresh;
            });

    /** @param demand whether somebody waits for the disk now */
    EarlierFiles(TierStore store, Pace pace, BooleanSupplier demand) {
        this.store = store;
        this.pace = pace;
        this.demand = demand;
    }

    /** Never blocks; a file that waits or is being read is not taken twice. */
    @Override
    public void accept(ObjectFile file) {
        if (wanted.size() < WAITING_MAX && wanted.add(file)) {
            try {
                thread.execute(() -> {
                    try {
                        verify(file);
                    } finally {
                        wanted.remove(file);
                    }
                });
            } catch (RejectedExecutionException e) {
                wanted.remove(file); // Too many, or the worker ends: the next open asks again.
            }
        }
    }

    private void verify(ObjectFile file) {
        ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
        try {
            PeekableIntIterator chunks = file.chunks().getIntIterator();
            boolean right = true;
            while (right && chunks.hasNext()) {
                right = verify(file, chunks.next(), scratch);
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "{} is not verified, it is read by requests: {}",
                    file.object(),
                    HearthException.of(e).getMessage());
        }
    }

    /** Gives whether the file is still there and right. */
    private boolean verify(ObjectFile file, int chunk, ByteBuffer scratch) {
        if (file.ready(chunk)) {
            return true;
        }
        if (stop.within(pace.waitNanos(file.layout().length(chunk))) || !yielded() || !store.hold(file)) {
            return false;
        }
        try {
            boolean right = file.verify(chunk, scratch);
            if (!right) {
                store.renew(file);
            }
            return right;
        } finally {
            file.release();
        }
    }

    /** Waits while the disk is wanted; false if told to stop. */
    private boolean yielded() {
        for (long waited = 0; demand.getAsBoolean() && waited < YIELD_NANOS_MAX; waited += LOOK_NANOS) {
            if (stop.within(LOOK_NANOS)) {
                return false;
            }
        }
        return !stop.told();
    }

    /** Ends the thread, within five seconds. */
    @Override
    public void close() {
        stop.tell();
        thread.shutdown();
        try {
            thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
