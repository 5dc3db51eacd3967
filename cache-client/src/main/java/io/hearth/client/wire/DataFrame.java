package io.hearth.client.wire;

import io.hearth.protocol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;

/**
 * A data frame: its head and its payload (1 byte to one chunk). Whoever takes it releases it; the count is the
 * payload's.
 */
public record DataFrame(Message.Data head, ByteBuf payload) implements ReferenceCounted {
    @Override
    public int refCnt() {
        return payload.refCnt();
    }

    @Override
    public DataFrame retain() {
        payload.retain();
        return this;
    }

    @Override
    public DataFrame retain(int increment) {
        payload.retain(increment);
        return this;
    }

    @Override
    public DataFrame touch() {
        payload.touch();
        return this;
    }

    @Override
    public DataFrame touch(Object hint) {
        payload.touch(hint);
        return this;
    }

    @Override
    public boolean release() {
        return payload.release();
    }

    @Override
    public boolean release(int decrement) {
        return payload.release(decrement);
    }
}
