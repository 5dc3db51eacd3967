package io.hearth.client.wire;

import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageEncoder;
import java.util.List;

/**
 * Writes a {@link Message} or a {@link DataFrame} as bytes; a frame's payload is passed on without a copy. Buffers and
 * file regions go through untouched, so that a server can write {@link MessageCodec#dataHead} and then send a file.
 * A {@link Message.Data} alone is refused: its payload is missing. Sharable.
 */
@Sharable
public final class MessageEncoder extends MessageToMessageEncoder<Object> {
    @Override
    public boolean acceptOutboundMessage(Object message) {
        return message instanceof Message || message instanceof DataFrame;
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, Object message, List<Object> out) {
        if (message instanceof DataFrame frame) {
            ByteBuf payload = frame.payload();
            out.add(Unpooled.wrappedBuffer(MessageCodec.dataHead(frame.head(), payload.readableBytes())));
            out.add(payload.retain());
        } else {
            out.add(Unpooled.wrappedBuffer(MessageCodec.encode((Message) message)));
        }
    }
}
