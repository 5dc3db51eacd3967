package io.hearth.worker.memory;

import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Direct buffers of one size within a budget that is the pool's alone. A buffer is made when none is free, and kept:
 * buffers made never exceed the most slabs in use at once, which the budget bounds. Thread-safe; nothing blocks.
 */
public final class SlabPool {
    private final int slabBytes;
    private final MemoryBudget budget;
    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    public SlabPool(int slabBytes, MemoryBudget budget) {
        this.slabBytes = slabBytes;
        this.budget = budget;
    }

    /**
     * A cleared slab, now or later; as {@link MemoryBudget#take}. Cancelling the future leaves the line.
     *
     * @return failed with {@link FailureKind#OVERLOADED} also where the JVM has no room for another buffer
     */
    public CompletableFuture<Slab> take(Supplier<Urgency> lane) {
        CompletableFuture<MemoryBudget.Grant> grant = budget.take(slabBytes, lane);
        CompletableFuture<Slab> slab = new CompletableFuture<>();
        grant.whenComplete((granted, failure) -> {
            if (failure != null) {
                slab.completeExceptionally(failure);
            } else {
                hand(granted, slab);
            }
        });
        if (!slab.isDone()) {
            slab.whenComplete((taken, failure) -> grant.cancel(false));
        }
        return slab;
    }

    private void hand(MemoryBudget.Grant grant, CompletableFuture<Slab> taker) {
        ByteBuffer buffer;
        try {
            buffer = buffer();
        } catch (OutOfMemoryError e) {
            grant.close();
            taker.completeExceptionally(new HearthException(
                    FailureKind.OVERLOADED,
                    "the JVM has no room for another buffer: raise HEARTH_DIRECT, or lower worker.memory",
                    e));
            return;
        }
        Slab slab = new Slab(buffer, () -> giveBack(buffer, grant));
        if (!taker.complete(slab)) {
            slab.close();
        }
    }

    private ByteBuffer buffer() {
        synchronized (free) {
            ByteBuffer buffer = free.poll();
            if (buffer != null) {
                return buffer.clear();
            }
        }
        return ByteBuffer.allocateDirect(slabBytes);
    }

    private void giveBack(ByteBuffer buffer, MemoryBudget.Grant grant) {
        synchronized (free) {
            free.push(buffer);
        }
        grant.close(); // After the buffer is free: who is granted these bytes must not make another.
    }

    /** A waiter may have become more urgent. */
    public void reconsider() {
        budget.reconsider();
    }

    /** Bytes of all slabs in use. */
    public long usedBytes() {
        return budget.usedBytes();
    }
}
