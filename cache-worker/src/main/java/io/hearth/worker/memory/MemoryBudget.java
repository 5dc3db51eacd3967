package io.hearth.worker.memory;

import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * So many bytes and no more: who gets some now, who waits. Demand goes before loads, loads before speculation, and in a
 * lane who came first; the background (loads and speculation) has at most three quarters, so that a reader who comes
 * now does not wait for it. Nobody overtakes a more urgent waiter whose bytes do not fit yet. Thread-safe; nothing
 * blocks.
 */
public final class MemoryBudget {
    private final long bytes;
    private final int waitersMax;
    private final Deque<Waiter> waiters = new ArrayDeque<>();
    private final long[] usedByLane = new long[Urgency.values().length];
    private final long[] waitsByLane = new long[Urgency.values().length];

    private record Waiter(long bytes, Supplier<Urgency> lane, CompletableFuture<Grant> future) {}

    /**
     * @param bytes of all grants together, at most
     * @param waitersMax takers that may wait; one more fails
     */
    public MemoryBudget(long bytes, int waitersMax) {
        this.bytes = bytes;
        this.waitersMax = waitersMax;
    }

    /** Bytes that somebody has, until closed; closing twice is closing once. */
    public final class Grant implements AutoCloseable {
        private final long granted;
        private final Urgency lane;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Grant(long granted, Urgency lane) {
            this.granted = granted;
            this.lane = lane;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                synchronized (MemoryBudget.this) {
                    usedByLane[lane.ordinal()] -= granted;
                }
                reconsider();
            }
        }
    }

    /**
     * Takes bytes, now or when there are some; the future is completed by whoever gives back. Cancelling it leaves the
     * line.
     *
     * @param lane asked again at each turn, under a lock: a waiter may become urgent; tell {@link #reconsider} then
     * @return failed with {@link FailureKind#OVERLOADED} if too many wait, or more is asked for than the lane can ever
     *     have
     */
    public CompletableFuture<Grant> take(long wantedBytes, Supplier<Urgency> lane) {
        CompletableFuture<Grant> future = new CompletableFuture<>();
        Waiter waiter = new Waiter(wantedBytes, lane, future);
        synchronized (this) {
            if (waiters.size() >= waitersMax || wantedBytes > limit(Urgency.SPECULATION)) {
                return CompletableFuture.failedFuture(new HearthException(
                        FailureKind.OVERLOADED,
                        "no memory: " + waiters.size() + " wait already for some of " + bytes
                                + " bytes; raise worker.memory"));
            }
            waiters.add(waiter);
        }
        reconsider();
        if (!future.isDone()) {
            synchronized (this) {
                waitsByLane[lane.get().ordinal()]++;
            }
            future.whenComplete((grant, failure) -> leave(waiter, failure));
        }
        return future;
    }

    private void leave(Waiter waiter, Throwable failure) {
        boolean left;
        synchronized (this) {
            left = failure != null && waiters.remove(waiter);
        }
        if (left) {
            reconsider(); // Who stood behind it may fit.
        }
    }

    /** Serves who can be served: after bytes were given back, or a waiter became more urgent. */
    public void reconsider() {
        List<Runnable> served = new ArrayList<>();
        synchronized (this) {
            for (Optional<Waiter> next = next(); next.isPresent(); next = next()) {
                Waiter waiter = next.get();
                Urgency lane = waiter.lane().get();
                waiters.remove(waiter);
                usedByLane[lane.ordinal()] += waiter.bytes();
                Grant grant = new Grant(waiter.bytes(), lane);
                served.add(() -> {
                    if (!waiter.future().complete(grant)) {
                        grant.close();
                    }
                });
            }
        }
        served.forEach(Runnable::run);
    }

    /** The first of the most urgent lane that has waiters, if it fits. */
    private Optional<Waiter> next() {
        Waiter first = null;
        Urgency firstLane = null;
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext() && firstLane != Urgency.DEMAND; ) {
            Waiter waiter = each.next();
            Urgency lane = waiter.lane().get();
            if (first == null || lane.compareTo(firstLane) < 0) {
                first = waiter;
                firstLane = lane;
            }
        }
        return first != null && fits(first.bytes(), firstLane) ? Optional.of(first) : Optional.empty();
    }

    private boolean fits(long wantedBytes, Urgency lane) {
        return usedBytes() + wantedBytes <= bytes
                && (lane == Urgency.DEMAND || backgroundBytes() + wantedBytes <= limit(lane));
    }

    private long limit(Urgency lane) {
        return lane == Urgency.DEMAND ? bytes : Math.max(bytes * 3 / 4, Math.min(bytes, 1 << 20));
    }

    private long backgroundBytes() {
        return usedBytes(Urgency.LOAD) + usedBytes(Urgency.SPECULATION);
    }

    /** Bytes granted and not given back. */
    public synchronized long usedBytes() {
        return usedBytes(Urgency.DEMAND) + backgroundBytes();
    }

    public synchronized long usedBytes(Urgency lane) {
        return usedByLane[lane.ordinal()];
    }

    /** All there is. */
    public long limitBytes() {
        return bytes;
    }

    /** Takers in line now. */
    public synchronized int waiting() {
        return waiters.size();
    }

    /** Takers of the lane that had to wait so far. */
    public synchronized long waits(Urgency lane) {
        return waitsByLane[lane.ordinal()];
    }
}
