package io.hearth.client.wire;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Knows the largest buffer that was asked of it, and how many bytes of direct buffers live. */
final class CountingAllocator extends AbstractByteBufAllocator {
    private final UnpooledByteBufAllocator target = new UnpooledByteBufAllocator(true);
    private int largest;

    int largest() {
        return largest;
    }

    long live() {
        return target.metric().usedDirectMemory() + target.metric().usedHeapMemory();
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        largest = Math.max(largest, initialCapacity);
        return target.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        largest = Math.max(largest, initialCapacity);
        return target.directBuffer(initialCapacity, maxCapacity);
    }
}
