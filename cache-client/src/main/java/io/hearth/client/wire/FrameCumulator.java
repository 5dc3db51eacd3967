package io.hearth.client.wire;

import io.hearth.protocol.wire.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder.Cumulator;

/**
 * Gathers a frame's bytes in one buffer that is sized once, by the frame's checked length: growing by doubling would
 * copy a 1 MiB frame several times over. Stateless.
 */
final class FrameCumulator implements Cumulator {
    private final int lengthMax;

    FrameCumulator(int lengthMax) {
        this.lengthMax = lengthMax;
    }

    @Override
    public ByteBuf cumulate(ByteBufAllocator alloc, ByteBuf cumulation, ByteBuf in) {
        if (!cumulation.isReadable() && in.isContiguous()) {
            cumulation.release();
            return in;
        }
        try {
            int present = cumulation.readableBytes() + in.readableBytes();
            ByteBuf target = cumulation;
            if (cumulation.refCnt() > 1
                    || cumulation.isReadOnly()
                    || in.readableBytes() > cumulation.capacity() - cumulation.writerIndex()) {
                target = alloc.directBuffer(Math.max(present, frameBytes(cumulation)));
                target.writeBytes(cumulation);
                cumulation.release();
            }
            return target.writeBytes(in);
        } finally {
            in.release();
        }
    }

    /**
     * Bytes of the frame that starts here; 0 where that is not known yet or not allowed: the decoder will refuse it.
     */
    private int frameBytes(ByteBuf cumulation) {
        if (cumulation.readableBytes() < MessageCodec.LENGTH_BYTES) {
            return 0;
        }
        int length = cumulation.getInt(cumulation.readerIndex());
        boolean allowed = length >= 1 && length <= lengthMax;
        return allowed ? MessageCodec.LENGTH_BYTES + length : 0;
    }
}
