package io.hearth.bench.serve;

import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Frames over one blocking connection, whose payloads are received into 128 KiB, as iperf3's are, and never looked at.
 */
final class RawConnection implements AutoCloseable {
    private static final int BUFFER_BYTES = 128 << 10;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);

    /** Connects. */
    RawConnection(WorkerAddress worker) throws IOException {
        channel = SocketChannel.open(new InetSocketAddress(worker.host(), worker.port()));
    }

    /**
     * The head of a frame.
     *
     * @param payloadBytes that follow, to be skipped; 0 but for {@link Message.Data}
     */
    record Head(Message message, int payloadBytes) {}

    void send(Message message) throws IOException {
        ByteBuffer frame = MessageCodec.encode(message);
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    Head receive() throws IOException {
        need(MessageCodec.LENGTH_BYTES);
        int length = MessageCodec.checkLength(buffer.getInt());
        // A control frame wholly; of a longer one, which is a data frame, the head and a first byte.
        need(length <= MessageCodec.CONTROL_BYTES_MAX ? length : MessageCodec.DATA_HEAD_BYTES + 1);
        ByteBuffer frame = buffer.slice(buffer.position(), Math.min(length, buffer.remaining()));
        Message message = MessageCodec.decode(frame);
        buffer.position(buffer.position() + frame.position());
        return new Head(message, length - frame.position());
    }

    void skip(int payloadBytes) throws IOException {
        int leftBytes = payloadBytes;
        while (leftBytes > 0) {
            if (!buffer.hasRemaining()) {
                buffer.clear();
                fill();
            }
            int count = Math.min(leftBytes, buffer.remaining());
            buffer.position(buffer.position() + count);
            leftBytes -= count;
        }
    }

    private void need(int bytes) throws IOException {
        while (buffer.remaining() < bytes) {
            buffer.compact();
            fill();
        }
    }

    /** From the position on; leaves the buffer to be read from its start. */
    private void fill() throws IOException {
        if (channel.read(buffer) < 0) {
            throw new EOFException("the worker closed the connection");
        }
        buffer.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
