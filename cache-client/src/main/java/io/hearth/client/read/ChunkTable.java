package io.hearth.client.read;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * The chunks in memory. What a reader waits for gets a buffer before what is read ahead: read-ahead takes idle buffers
 * and those of consumed chunks, and at most three quarters of all. Nobody waits for a buffer while holding a chunk, so
 * that a pool of any size makes progress. Thread-safe.
 */
final class ChunkTable {
    /** A reader that has not come for a chunk read ahead by then went elsewhere: others may have its buffer. */
    private static final long STALE_NS = TimeUnit.SECONDS.toNanos(30);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition bufferFreed = lock.newCondition();
    private final Map<Chunk.Key, Chunk> chunks = new LinkedHashMap<>(64, 0.75f, true);
    private final ChunkPool pool;
    private final int aheadMax;
    private int aheadCount;
    private boolean closed;

    ChunkTable(ChunkPool pool) {
        this.pool = pool;
        this.aheadMax = pool.buffersMax() * 3 / 4;
    }

    /** Most chunks that are read ahead, all readers together. */
    int aheadMax() {
        return aheadMax;
    }

    /** A chunk that is held for a reader; {@code fresh}: it is the reader's to fill. */
    record Held(Chunk chunk, boolean fresh) {}

    /** Holds a chunk for a reader, waiting for a buffer if it has none yet. */
    Held hold(Chunk.Key key, int length, Wait wait) throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                wait.check();
                Chunk present = chunks.get(key);
                if (present != null) {
                    touched(present);
                    present.holds++;
                    return new Held(present, false);
                }
                Optional<ByteBuffer> buffer = bufferForReader();
                if (buffer.isPresent()) {
                    Chunk chunk = insert(key, length, buffer.get(), false);
                    chunk.holds++;
                    return new Held(chunk, true);
                }
                wait.on(bufferFreed, Long.MAX_VALUE);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes room for a chunk to be read ahead; none if it is there already or there is no room to spare. */
    Optional<Chunk> ahead(Chunk.Key key, int length) {
        lock.lock();
        try {
            if (closed || chunks.containsKey(key)) {
                return Optional.empty();
            }
            return bufferForAhead().map(buffer -> insert(key, length, buffer, true));
        } finally {
            lock.unlock();
        }
    }

    boolean contains(Chunk.Key key) {
        lock.lock();
        try {
            return chunks.containsKey(key); // Not an access: the order of use stays.
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a held chunk is filled up to {@code end}.
     *
     * @throws HearthException when that will not come to be
     */
    void await(Chunk chunk, int end, Wait wait) throws InterruptedException {
        await(chunk, end, wait, Long.MAX_VALUE);
    }

    /** As {@link #await(Chunk, int, Wait)}, but gives false where the bytes are not there within {@code patienceNs}. */
    boolean await(Chunk chunk, int end, Wait wait, long patienceNs) throws InterruptedException {
        long startNs = System.nanoTime();
        lock.lock();
        try {
            while (chunk.filled < end) {
                if (chunk.failure.isPresent()) {
                    throw chunk.failure.get();
                }
                wait.check();
                long leftNs = patienceNs - (System.nanoTime() - startNs);
                if (leftNs <= 0) {
                    return false;
                }
                wait.on(chunk.changed, leftNs);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Notes who brings these chunks. */
    void filledBy(List<Chunk> run, Fill fill) {
        lock.lock();
        try {
            run.forEach(chunk -> chunk.fill = Optional.of(fill));
        } finally {
            lock.unlock();
        }
    }

    /** Whether a held chunk has its bytes up to {@code end} now. */
    boolean has(Chunk chunk, int end) {
        lock.lock();
        try {
            return chunk.filled >= end;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a reader's hold, after it has read up to {@code readTo}. */
    void release(Chunk chunk, int readTo) {
        lock.lock();
        try {
            chunk.readTo = Math.max(chunk.readTo, readTo);
            letGo(chunk);
        } finally {
            lock.unlock();
        }
    }

    /** Holds a chunk for writing; false if nobody wants it any more. */
    boolean holdToFill(Chunk chunk) {
        lock.lock();
        try {
            if (chunk.gone) {
                return false;
            }
            chunk.holds++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Publishes bytes that were written and ends that hold. */
    void filled(Chunk chunk, int bytes) {
        lock.lock();
        try {
            chunk.filled += bytes;
            chunk.changed.signalAll();
            letGo(chunk);
        } finally {
            lock.unlock();
        }
    }

    /** Takes out those of {@code run} that were not filled, for {@code failure}. */
    void fail(List<Chunk> run, HearthException failure) {
        lock.lock();
        try {
            run.stream().filter(chunk -> !chunk.full()).forEach(chunk -> remove(chunk, failure));
        } finally {
            lock.unlock();
        }
    }

    /** Takes out every chunk of an object. Gives the fills that nobody needs any more. */
    List<Fill> drop(Predicate<ObjectId> which) {
        lock.lock();
        try {
            HearthException failure = new HearthException(FailureKind.UNAVAILABLE, "the file was closed");
            List<Fill> fills = new ArrayList<>();
            for (Chunk chunk : List.copyOf(chunks.values())) {
                if (which.test(chunk.key.object())) {
                    if (!chunk.full()) {
                        chunk.fill.ifPresent(fills::add);
                    }
                    remove(chunk, failure);
                }
            }
            return fills;
        } finally {
            lock.unlock();
        }
    }

    /** Wakes every waiter, so that it looks again whether it should wait. */
    void wakeAll() {
        lock.lock();
        try {
            chunks.values().forEach(chunk -> chunk.changed.signalAll());
            bufferFreed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    List<Fill> close() {
        lock.lock();
        try {
            closed = true;
            List<Fill> fills = drop(object -> true);
            bufferFreed.signalAll();
            pool.clear();
            return fills;
        } finally {
            lock.unlock();
        }
    }

    /** Buffers that are out. */
    int buffersTaken() {
        lock.lock();
        try {
            return pool.taken();
        } finally {
            lock.unlock();
        }
    }

    private Chunk insert(Chunk.Key key, int length, ByteBuffer buffer, boolean ahead) {
        Chunk chunk = new Chunk(key, length, buffer, lock.newCondition(), ahead, System.nanoTime());
        chunks.put(key, chunk);
        aheadCount += ahead ? 1 : 0;
        return chunk;
    }

    private void touched(Chunk chunk) {
        if (chunk.ahead) {
            chunk.ahead = false;
            aheadCount--;
        }
    }

    private Optional<ByteBuffer> bufferForAhead() {
        Optional<ByteBuffer> buffer =
                aheadCount < aheadMax ? pool.take().or(() -> evicted(Chunk::consumed)) : Optional.empty();
        long staleNs = System.nanoTime() - STALE_NS;
        return buffer.or(() -> evicted(chunk -> chunk.ahead && chunk.madeNs - staleNs < 0));
    }

    private Optional<ByteBuffer> bufferForReader() {
        return pool.take()
                .or(() -> evicted(Chunk::consumed))
                .or(() -> evicted(chunk -> !chunk.ahead))
                .or(() -> evicted(chunk -> true));
    }

    private Optional<ByteBuffer> evicted(Predicate<Chunk> which) {
        for (Iterator<Chunk> eldestFirst = chunks.values().iterator(); eldestFirst.hasNext(); ) {
            Chunk chunk = eldestFirst.next();
            if (chunk.evictable() && which.test(chunk)) {
                eldestFirst.remove();
                touched(chunk);
                chunk.gone = true;
                return Optional.of(chunk.buffer);
            }
        }
        return Optional.empty();
    }

    private void remove(Chunk chunk, HearthException failure) {
        if (chunk.gone) {
            return;
        }
        chunks.remove(chunk.key);
        touched(chunk);
        chunk.gone = true;
        chunk.failure = Optional.of(failure);
        chunk.changed.signalAll();
        if (chunk.holds == 0) {
            giveBack(chunk);
        }
    }

    private void letGo(Chunk chunk) {
        chunk.holds--;
        if (chunk.holds > 0) {
            return;
        } else if (chunk.gone) {
            giveBack(chunk);
        } else if (chunk.full()) {
            bufferFreed.signalAll();
        }
    }

    private void giveBack(Chunk chunk) {
        pool.giveBack(chunk.buffer);
        if (closed) {
            pool.clear();
        }
        bufferFreed.signalAll();
    }

    /** How long a reader waits, and whether it still should. */
    static final class Wait {
        private final long deadlineNs;
        private final long timeoutMs;
        private final BooleanSupplier closed;

        Wait(long timeoutMs, BooleanSupplier closed) {
            this.deadlineNs = System.nanoTime() + timeoutMs * 1_000_000;
            this.timeoutMs = timeoutMs;
            this.closed = closed;
        }

        private void check() {
            if (closed.getAsBoolean()) {
                throw new HearthException(FailureKind.UNAVAILABLE, "the file was closed");
            }
        }

        private void on(Condition condition, long mostNs) throws InterruptedException {
            long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                throw new HearthException(FailureKind.TIMEOUT, "no bytes within " + timeoutMs + " ms");
            }
            condition.awaitNanos(Math.min(leftNs, mostNs));
        }
    }
}
