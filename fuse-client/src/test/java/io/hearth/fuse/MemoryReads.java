package io.hearth.fuse;

import io.hearth.client.ObjectReads;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Objects whose bytes are the {@link Pattern} of the seed that their ETag names; any can be withdrawn. */
public final class MemoryReads implements ObjectReads {
    final Set<String> stale = ConcurrentHashMap.newKeySet();
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger reads = new AtomicInteger();

    /** While set, reads wait for it. */
    final AtomicReference<CountDownLatch> gate = new AtomicReference<>(new CountDownLatch(0));

    @Override
    public OpenObject open(ObjectRef object) {
        open.incrementAndGet();
        long seed = TestTree.seedOf(object.validator());
        return new OpenObject() {
            @Override
            public int read(long offset, ByteBuffer target) {
                reads.incrementAndGet();
                await(gate.get());
                if (stale.contains(object.validator().text())) {
                    throw new HearthException(FailureKind.STALE, "gone: " + object);
                }
                int length = (int) Math.min(target.remaining(), object.sizeBytes() - offset);
                Pattern.fill(seed, offset, target.slice().limit(length));
                return length;
            }

            @Override
            public void close() {
                open.decrementAndGet();
            }
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.TIMEOUT, "interrupted", e);
        }
    }

    @Override
    public void close() {}
}
