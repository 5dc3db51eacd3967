package io.hearth.client.local;

import io.hearth.client.FileTaker;
import io.hearth.client.WholeFile;
import io.hearth.client.read.LocalReads.Outcome;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One descriptor and the chunks that its worker said are there: a hole reads as zeros, so no other byte is read. The
 * file stays open for reads under way; ended, it is closed with the last of them. Thread-safe.
 */
final class GrantedFile {
    private static final Logger LOG = LoggerFactory.getLogger(GrantedFile.class);

    private final Descriptor descriptor;
    private final ObjectRef object;
    private final Runnable closed;
    private final long retryNs;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final BitSet ready = new BitSet();
    private final BitSet asked = new BitSet();
    private int users;
    private volatile boolean saidWhole;
    private boolean ended;
    private boolean orphaned;
    private boolean troubled;
    private long troubleEndsNs;
    private long usedNs = System.nanoTime();

    /**
     * @param closed runs once when the file is closed
     * @param retryNs for how long nothing is asked after a request failed
     */
    GrantedFile(Descriptor descriptor, ObjectRef object, long retryNs, Runnable closed) {
        this.descriptor = descriptor;
        this.object = object;
        this.retryNs = retryNs;
        this.closed = closed;
        if (descriptor.whole()) {
            whole();
        }
    }

    Descriptor descriptor() {
        return descriptor;
    }

    /** Whether a chunk of this range is neither there nor asked for, and may be asked for. */
    boolean lacks(int firstChunk, int endChunk) {
        lock.lock();
        try {
            return mayAsk() && !coming(firstChunk, endChunk);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Chunks of this range that are neither there nor asked for, marked as asked; empty where nothing may be asked now.
     */
    BitSet takeToAsk(int firstChunk, int endChunk) {
        lock.lock();
        try {
            BitSet wanted = new BitSet();
            if (mayAsk()) {
                wanted.set(firstChunk, endChunk);
                wanted.andNot(ready);
                wanted.andNot(asked);
                asked.or(wanted);
            }
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    private boolean mayAsk() {
        return !ended && !orphaned && !(troubled && System.nanoTime() - troubleEndsNs < 0);
    }

    /** Notes bytes that the worker said are there; a chunk counts when it is there to its end. */
    void ready(long offset, long length) {
        int first = Geometry.chunkOf(offset + Geometry.CHUNK_BYTES - 1);
        long end = offset + length;
        int after = end >= object.sizeBytes() ? Geometry.chunks(object.sizeBytes()) : Geometry.chunkOf(end);
        lock.lock();
        try {
            if (first < after) {
                ready.set(first, after);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Notes that the worker said that all of it is there. */
    void whole() {
        ready(0, object.sizeBytes());
        saidWhole = true;
    }

    /**
     * Whether the worker said so: ranges that add up to all of it say nothing of the share that the kernel may have.
     */
    boolean isWhole() {
        return saidWhole && !ended();
    }

    /** All of it, held open; empty where bytes of it are not known to be there. */
    Optional<WholeFile> holdWhole() {
        lock.lock();
        try {
            if (!isWhole()) {
                return Optional.empty();
            }
            users++;
            return Optional.of(new Hold());
        } finally {
            lock.unlock();
        }
    }

    private final class Hold implements WholeFile {
        private final AtomicBoolean over = new AtomicBoolean();

        @Override
        public int descriptor() {
            return descriptor.number();
        }

        @Override
        public boolean current() {
            return !ended();
        }

        @Override
        public int keep(IntSupplier device, Duration bound) {
            return descriptor.backingId().await(device, bound);
        }

        @Override
        public void close() {
            if (over.compareAndSet(false, true)) {
                letGo();
            }
        }
    }

    /** A request for these chunks has ended; where it failed, nothing is asked for a while. */
    void answered(int firstChunk, int endChunk, boolean well) {
        lock.lock();
        try {
            asked.clear(firstChunk, endChunk);
            if (!well) {
                troubled = true;
                troubleEndsNs = System.nanoTime() + retryNs;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean has(int firstChunk, int endChunk) {
        lock.lock();
        try {
            return !ended && ready.nextClearBit(firstChunk) >= endChunk;
        } finally {
            lock.unlock();
        }
    }

    Outcome read(long offset, int length, ByteBuffer target, FileTaker taker, long patienceNs)
            throws InterruptedException {
        if (taker == FileTaker.NONE && descriptor.channel().isEmpty()) {
            return Outcome.ELSEWHERE;
        }
        Outcome there = hold(Geometry.chunkOf(offset), Geometry.chunkOf(offset + length - 1) + 1, patienceNs);
        if (there != Outcome.READ) {
            return there;
        }
        try {
            if (taker.take(descriptor.number(), offset, length)) {
                return Outcome.READ;
            }
            if (descriptor.channel().isEmpty()) {
                return Outcome.ELSEWHERE;
            }
            copy(descriptor.channel().get(), offset, target.slice(target.position(), length));
            target.position(target.position() + length);
            return Outcome.READ;
        } catch (IOException e) {
            // An interrupted reader closes the channel for all; a disk may fail. Either way there are other sources.
            LOG.info("{} is not read by descriptor any more: {}", object.key(), e.toString());
            end();
            return Outcome.ELSEWHERE;
        } finally {
            letGo();
        }
    }

    private static void copy(FileChannel channel, long offset, ByteBuffer part) throws IOException {
        while (part.hasRemaining()) {
            if (channel.read(part, offset + part.position()) < 0) {
                throw new EOFException("the file ends before its object does");
            }
        }
    }

    private Outcome hold(int firstChunk, int endChunk, long patienceNs) throws InterruptedException {
        long startNs = System.nanoTime();
        lock.lock();
        try {
            while (!ended && ready.nextClearBit(firstChunk) < endChunk) {
                if (!coming(firstChunk, endChunk)) {
                    return Outcome.ELSEWHERE;
                }
                long leftNs = patienceNs - (System.nanoTime() - startNs);
                if (leftNs <= 0) {
                    return Outcome.LATER;
                }
                changed.awaitNanos(leftNs);
            }
            if (ended) {
                return Outcome.ELSEWHERE;
            }
            users++;
            usedNs = System.nanoTime();
            return Outcome.READ;
        } finally {
            lock.unlock();
        }
    }

    private boolean coming(int firstChunk, int endChunk) {
        for (int chunk = firstChunk; chunk < endChunk; chunk++) {
            if (!ready.get(chunk) && !asked.get(chunk)) {
                return false;
            }
        }
        return true;
    }

    private void letGo() {
        boolean last;
        lock.lock();
        try {
            users--;
            usedNs = System.nanoTime();
            last = ended && users == 0;
        } finally {
            lock.unlock();
        }
        if (last) {
            close();
        }
    }

    /** Its worker is gone. What was there is there: nobody writes to a file that was handed out. */
    void orphan() {
        lock.lock();
        try {
            orphaned = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean orphaned() {
        lock.lock();
        try {
            return orphaned;
        } finally {
            lock.unlock();
        }
    }

    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    boolean idleSince(long sinceNs) {
        lock.lock();
        try {
            return users == 0 && asked.isEmpty() && usedNs - sinceNs < 0;
        } finally {
            lock.unlock();
        }
    }

    /** Lets no read begin any more; once more is no error. */
    void end() {
        boolean now;
        lock.lock();
        try {
            now = !ended && users == 0;
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (now) {
            close();
        }
    }

    private void close() {
        try {
            descriptor.close();
        } catch (IOException e) {
            LOG.info("a worker's file cannot be closed: {}", e.toString());
        }
        closed.run();
    }
}
