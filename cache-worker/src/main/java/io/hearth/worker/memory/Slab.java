package io.hearth.worker.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** A direct buffer of the pool's size, whoever has it owns it; closing gives it back, once. */
public final class Slab implements AutoCloseable {
    private final ByteBuffer bytes;
    private final Runnable giveBack;
    private final AtomicBoolean closed = new AtomicBoolean();

    Slab(ByteBuffer bytes, Runnable giveBack) {
        this.bytes = bytes;
        this.giveBack = giveBack;
    }

    /** The buffer itself; not to be touched after {@link #close}. */
    public ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            giveBack.run();
        }
    }
}
