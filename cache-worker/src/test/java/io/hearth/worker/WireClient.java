package io.hearth.worker;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.Message.Data;
import io.hearth.protocol.wire.Message.Failed;
import io.hearth.protocol.wire.MessageCodec;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A plain blocking client of the data plane, for tests; checks the rules of the conversation as it reads. */
public final class WireClient implements AutoCloseable {
    public static final RequestContext CONTEXT = new RequestContext("", new DatasetName("default", "models"), 0);

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private long nextId = 1;
    private long wholeChunks;

    /** A frame as it came. */
    public record Frame(Message message, ByteBuffer payload) {}

    public WireClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 1 << 16));
        out = socket.getOutputStream();
    }

    public static WireClient greeted(int port) throws IOException {
        WireClient client = new WireClient(port);
        client.send(new Message.Hello(MessageCodec.VERSION_MIN, MessageCodec.VERSION_MAX, 0, ""));
        if (!(client.receive().message() instanceof Message.Welcome)) {
            throw new IOException("no welcome");
        }
        return client;
    }

    public void send(Message message) throws IOException {
        raw(MessageCodec.encode(message).array());
    }

    public void raw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** The next frame; EOFException when the server closed. */
    public Frame receive() throws IOException {
        byte[] frame = new byte[MessageCodec.checkLength(in.readInt())];
        in.readFully(frame);
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        return new Frame(MessageCodec.decode(bytes), bytes);
    }

    public long ask(ObjectRef object, long offset, int length) throws IOException {
        long id = nextId++;
        send(new Message.Read(id, CONTEXT, object, offset, length));
        return id;
    }

    /** Reads a range in one request and checks order, gaps and checksums. */
    public byte[] read(ObjectRef object, long offset, int length) throws IOException {
        return answer(ask(object, offset, length), offset, length);
    }

    /** Takes the frames of one answer, when no other is under way. */
    public byte[] answer(long id, long offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        while (target.hasRemaining()) {
            Frame frame = receive();
            if (frame.message() instanceof Failed failed) {
                throw new HearthException(failed.kind(), failed.reason());
            }
            Data data = (Data) frame.message();
            if (data.requestId() != id || data.offset() != offset + target.position()) {
                throw new IOException("a gap: " + data + " at " + target.position());
            }
            if (data.wholeChunk()) {
                wholeChunks++;
                CRC32C crc = new CRC32C();
                crc.update(frame.payload().duplicate());
                if ((int) crc.getValue() != data.crc32c()) {
                    throw new IOException("a wrong checksum: " + data);
                }
            }
            target.put(frame.payload());
        }
        return target.array();
    }

    /** Whole chunks with a checksum that came so far. */
    public long wholeChunks() {
        return wholeChunks;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
