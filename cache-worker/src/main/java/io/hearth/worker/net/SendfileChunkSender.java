package io.hearth.worker.net;

import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import io.hearth.worker.tier.ObjectFile;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.util.AttributeKey;
import java.io.IOException;

/** Sends the file's pages with {@code sendfile}: the bytes never enter this process. */
final class SendfileChunkSender implements ChunkSender {
    private static final AttributeKey<Boolean> BLAMED = AttributeKey.valueOf(SendfileChunkSender.class, "blamed");

    @Override
    public void send(ChannelHandlerContext ctx, Message.Data head, ObjectFile file, int length) {
        ctx.write(Unpooled.wrappedBuffer(MessageCodec.dataHead(head, length)), ctx.voidPromise());
        ctx.write(new HeldRegion(file, head.offset(), length))
                .addListener(sent -> blame(ctx.channel(), file, sent.cause()));
    }

    /**
     * A failure ends the connection and fails all that waits in its queue: the one at fault is told first, and alone
     * counts.
     */
    private static void blame(Channel channel, ObjectFile file, Throwable failure) {
        if (failure instanceof IOException why && channel.attr(BLAMED).setIfAbsent(true) == null) {
            file.sendFailed(why);
        }
    }

    /** A part of a file whose hold, not whose channel, ends with the region. */
    private static final class HeldRegion extends DefaultFileRegion {
        private final ObjectFile file;

        HeldRegion(ObjectFile file, long offset, int length) {
            super(file.channel(), offset, length);
            file.retain();
            this.file = file;
        }

        @Override
        protected void deallocate() {
            file.release();
        }
    }
}
