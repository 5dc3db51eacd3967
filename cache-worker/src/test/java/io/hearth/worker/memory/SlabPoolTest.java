package io.hearth.worker.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.engine.Urgency;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SlabPoolTest {
    private static final int KIB = 1 << 10;

    private final SlabPool pool = new SlabPool(KIB, new MemoryBudget(2 * KIB, 4));

    @Test
    void aSlabGivenBackIsUsedAgainAndClean() {
        Slab first = pool.take(() -> Urgency.DEMAND).join();
        ByteBuffer buffer = first.bytes();
        buffer.position(100).limit(200);
        first.close();
        first.close();
        Slab again = pool.take(() -> Urgency.DEMAND).join();
        assertSame(buffer, again.bytes());
        assertEquals(KIB, again.bytes().remaining());
        assertEquals(KIB, pool.usedBytes());
    }

    @Test
    void aWaiterThatLeavesTakesNothingWithIt() {
        Slab one = pool.take(() -> Urgency.DEMAND).join();
        Slab two = pool.take(() -> Urgency.DEMAND).join();
        CompletableFuture<Slab> leaves = pool.take(() -> Urgency.DEMAND);
        CompletableFuture<Slab> stays = pool.take(() -> Urgency.DEMAND);
        assertFalse(leaves.isDone());
        leaves.cancel(false);
        one.close();
        assertTrue(stays.isDone());
        stays.join().close();
        two.close();
        assertEquals(0, pool.usedBytes());
    }
}
