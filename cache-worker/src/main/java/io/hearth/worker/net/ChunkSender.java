package io.hearth.worker.net;

import io.hearth.protocol.wire.Message;
import io.hearth.worker.tier.ObjectFile;
import io.netty.channel.ChannelHandlerContext;

/** Puts bytes of one ready chunk on the wire. TLS will need another one than sendfile. Stateless; event loop only. */
interface ChunkSender {
    /**
     * Writes one data frame, without a flush. The sender holds the file until the bytes are gone.
     *
     * @param file held by the caller during the call
     * @param length of the payload, which starts at {@code head.offset()} and stays within one chunk
     */
    void send(ChannelHandlerContext ctx, Message.Data head, ObjectFile file, int length);
}
