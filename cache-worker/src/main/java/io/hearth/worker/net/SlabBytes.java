package io.hearth.worker.net;

import io.hearth.worker.memory.Slab;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.util.concurrent.CompletableFuture;

/** A slab's bytes up to its buffer's limit for Netty to send; the slab goes back with the last reference. */
final class SlabBytes extends UnpooledDirectByteBuf {
    private final Slab slab;
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    SlabBytes(ByteBufAllocator allocator, Slab slab) {
        super(allocator, slab.bytes(), slab.bytes().remaining());
        this.slab = slab;
    }

    /** Done when the slab went back. */
    CompletableFuture<Void> released() {
        return released;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        slab.close();
        released.complete(null);
    }
}
