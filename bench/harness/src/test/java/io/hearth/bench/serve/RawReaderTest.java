package io.hearth.bench.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.bench.stage.ServedObject;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.Validator;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RawReaderTest {
    private static final Wanted WANTED = new Wanted(3 << 19, 3 << 20, 2);

    private final AtomicLong payloadBytes = new AtomicLong();

    /** What is wrong with the second frame of each read, if anything. */
    private enum Fault {
        NONE,
        OFFSET,
        REQUEST,
        LENGTH,
        FAILED
    }

    @Test
    void everythingSentIsReceivedAndInOrder() throws Exception {
        try (ServerSocket listener = listener()) {
            CompletableFuture<Void> served = serve(listener, Fault.NONE);
            try (RawReader reader = RawReader.connect(object(listener), WANTED)) {
                assertTrue(reader.read(50) > 0);
                long readBytes = payloadBytes.get();
                assertEquals(0, readBytes % WANTED.readBytes(), "a read was left half received");
                assertTrue(reader.read(1) > 0);
                assertTrue(payloadBytes.get() > readBytes);
            }
            served.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatDoesNotFollowIsRefused() throws Exception {
        for (Fault fault : Fault.values()) {
            if (fault == Fault.NONE) {
                continue;
            }
            try (ServerSocket listener = listener()) {
                CompletableFuture<Void> served = serve(listener, fault);
                try (RawReader reader = RawReader.connect(object(listener), WANTED)) {
                    HearthException refused = assertThrows(HearthException.class, () -> reader.read(10_000));
                    assertEquals(FailureKind.CORRUPT, refused.kind(), fault.toString());
                }
                served.get(10, TimeUnit.SECONDS);
            }
        }
    }

    private static ServerSocket listener() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static ServedObject object(ServerSocket listener) {
        WorkerAddress address = new WorkerAddress("w", "127.0.0.1", listener.getLocalPort());
        DatasetName dataset = new DatasetName("default", "model");
        ObjectRef ref = new ObjectRef("origin", "key", Validator.parse("e:1"), WANTED.spanBytes());
        return new ServedObject(address, new RequestContext("", dataset, 0), ref);
    }

    private CompletableFuture<Void> serve(ServerSocket listener, Fault fault) {
        return CompletableFuture.runAsync(() -> {
            try (Socket socket = listener.accept()) {
                answerAll(socket, fault);
            } catch (EOFException | java.net.SocketException e) {
                // The reader has left.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void answerAll(Socket socket, Fault fault) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream();
        while (true) {
            Message message = MessageCodec.decode(ByteBuffer.wrap(in.readNBytes(in.readInt())));
            if (message instanceof Message.Hello) {
                out.write(MessageCodec.encode(new Message.Welcome(1, 0, "w", 1)).array());
            } else if (message instanceof Message.Read read) {
                answer(read, out, fault);
            }
        }
    }

    /** A frame to the next chunk's border, and one more. */
    private void answer(Message.Read read, OutputStream out, Fault fault) throws IOException {
        long border = Geometry.chunkOffset(Geometry.chunkOf(read.offset()) + 1);
        int first = (int) (border - read.offset());
        frame(out, read.requestId(), read.offset(), first);
        int rest = read.length() - first;
        switch (fault) {
            case NONE -> frame(out, read.requestId(), border, rest);
            case OFFSET -> frame(out, read.requestId(), border + 1, rest - 1);
            case REQUEST -> frame(out, read.requestId() + 1, border, rest);
            case LENGTH -> frame(out, read.requestId(), border, rest == Geometry.CHUNK_BYTES ? rest : rest + 1);
            case FAILED ->
                out.write(MessageCodec.encode(new Message.Failed(read.requestId(), FailureKind.CORRUPT, "no"))
                        .array());
        }
    }

    private void frame(OutputStream out, long requestId, long offset, int length) throws IOException {
        out.write(MessageCodec.dataHead(new Message.Data(requestId, offset, false, 0), length)
                .array());
        payloadBytes.addAndGet(length);
        out.write(new byte[length]);
    }
}
