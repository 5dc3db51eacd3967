package io.hearth.client.wire;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Cuts the byte stream into frames: a {@link DataFrame} for each data frame, a {@link Message} for any other. A frame's
 * length is checked before room for it is made. The first frame that breaks a rule is passed to
 * {@code exceptionCaught} as a {@link HearthException} ({@link FailureKind#INVALID}, or
 * {@link FailureKind#UNSUPPORTED_VERSION} for a type that this build does not know), the connection is closed and
 * nothing more is read from it. One instance per connection.
 */
public final class MessageDecoder extends ByteToMessageDecoder {
    private final int lengthMax;
    private boolean broken;

    /** Takes every frame, as a client must. */
    public MessageDecoder() {
        this(MessageCodec.FRAME_BYTES_MAX);
    }

    /** @param lengthMax longest frame taken: a server gets control frames alone, and makes no room for longer ones */
    public MessageDecoder(int lengthMax) {
        this.lengthMax = lengthMax;
        setCumulator(new FrameCumulator(lengthMax));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            Object frame = next(in);
            if (frame != null) {
                out.add(frame);
            }
        } catch (HearthException e) {
            broken = true;
            in.skipBytes(in.readableBytes());
            ctx.fireExceptionCaught(e);
            ctx.close();
        }
    }

    /** The next frame, or null if it is not all there: {@code decode} is called again when more is. */
    private Object next(ByteBuf in) {
        if (in.readableBytes() < MessageCodec.LENGTH_BYTES) {
            return null;
        }
        int length = MessageCodec.checkLength(in.getInt(in.readerIndex()));
        if (length > lengthMax) {
            throw new HearthException(
                    FailureKind.INVALID, "malformed bytes: a frame of " + length + " bytes, at most " + lengthMax);
        }
        if (in.readableBytes() - MessageCodec.LENGTH_BYTES < length) {
            return null;
        }
        in.skipBytes(MessageCodec.LENGTH_BYTES);
        var frame = in.nioBuffer(in.readerIndex(), length);
        Message message = MessageCodec.decode(frame);
        in.skipBytes(length - frame.remaining());
        if (message instanceof Message.Data head) {
            return new DataFrame(head, in.readRetainedSlice(frame.remaining()));
        }
        return message;
    }
}
