package io.hearth.client.worker;

import io.hearth.client.TestObject;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A worker with faults: blocking threads, one that listens to each connection, one that serves each read. */
final class FakeWorker implements AutoCloseable {
    enum Fault {
        NONE,
        /** Closes the connection in the middle of the second chunk. */
        DIE,
        /** In the middle of the second chunk it stops reading and writing, as a paused process does. */
        PAUSE,
        /** Gives nothing, but answers pings. */
        SLOW,
        /** One flipped bit in the second chunk of a read. */
        FLIP_BIT,
        /** Bytes that are no frame, after the first chunk. */
        GIBBERISH,
        /** Skips a chunk. */
        SKIP,
        /** Says FAILED after the first chunk. */
        SAY_OVERLOADED,
        SAY_STALE,
        /** Says FAILED as one whose own credentials are refused. */
        SAY_DENIED,
        /** Refuses every version. */
        REFUSE,
        /** Takes connections and says nothing, not even WELCOME. */
        MUTE
    }

    final AtomicLong bytesSent = new AtomicLong();
    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger connections = new AtomicInteger();
    final Queue<Message> heard = new ConcurrentLinkedQueue<>();
    volatile Fault fault = Fault.NONE;
    volatile long features;
    private final String id;
    private final Map<ObjectRef, TestObject> objects = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ServerSocket server;

    FakeWorker(String id, int port, TestObject... served) throws IOException {
        this.id = id;
        for (TestObject object : served) {
            objects.put(object.ref(), object);
        }
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        threads.execute(this::accept);
    }

    WorkerAddress address() {
        return new WorkerAddress(id, "127.0.0.1", server.getLocalPort());
    }

    List<Message.Prefetch> hints() {
        List<Message.Prefetch> hints = new ArrayList<>();
        heard.forEach(message -> {
            if (message instanceof Message.Prefetch hint) {
                hints.add(hint);
            }
        });
        return hints;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                sockets.add(socket);
                if (over.getCount() == 0) { // It closed the others before it knew of this one.
                    socket.close();
                    return;
                }
                connections.incrementAndGet();
                threads.execute(() -> listen(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void listen(Socket socket) {
        Talk talk = null;
        try (socket) {
            talk = new Talk(socket);
            talk.listen();
        } catch (IOException | InterruptedException e) {
            // The connection is over.
        } finally {
            sockets.remove(socket);
        }
    }

    /** Closes every connection, as a worker does with those that idle, and goes on to listen. */
    void hangUp() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        over.countDown();
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        threads.shutdownNow();
    }

    private final class Talk {
        private final Socket socket;
        private final DataInputStream in;
        private final OutputStream out;

        Talk(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(socket.getInputStream());
            this.out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
        }

        void listen() throws IOException, InterruptedException {
            while (true) {
                byte[] frame = new byte[MessageCodec.checkLength(in.readInt())];
                in.readFully(frame);
                Message message = MessageCodec.decode(ByteBuffer.wrap(frame));
                heard.add(message);
                if (message instanceof Message.Hello) {
                    greet();
                } else if (message instanceof Message.Ping ping && fault != Fault.PAUSE) {
                    say(new Message.Pong(ping.nonce()));
                } else if (message instanceof Message.Read read) {
                    reads.incrementAndGet();
                    threads.execute(() -> serve(read));
                }
            }
        }

        private void greet() throws IOException, InterruptedException {
            if (fault == Fault.MUTE) {
                over.await();
            } else if (fault == Fault.REFUSE) {
                say(new Message.Refused(2, 3, "upgrade the client"));
                socket.close();
            } else {
                say(new Message.Welcome(1, features, id, 1));
            }
        }

        private void serve(Message.Read read) {
            try {
                TestObject object = objects.get(read.object());
                long end = read.offset() + read.length();
                int chunks = 0;
                for (long at = read.offset(); at < end; chunks++) {
                    long chunkEnd = Geometry.chunkOffset(Geometry.chunkOf(at) + 1);
                    int count = (int) Math.min(Math.min(chunkEnd, end) - at, Geometry.CHUNK_BYTES);
                    if (!misbehave(read, chunks)) {
                        return;
                    }
                    long told = fault == Fault.SKIP && chunks == 1 ? at + Geometry.CHUNK_BYTES : at;
                    give(object, read.requestId(), told, at, count, fault == Fault.FLIP_BIT && chunks == 1);
                    at += count;
                }
            } catch (IOException | InterruptedException e) {
                // The connection is over.
            }
        }

        /** Whether to go on with this chunk. */
        private boolean misbehave(Message.Read read, int chunk) throws IOException, InterruptedException {
            if (fault == Fault.SLOW) {
                over.await();
                return false;
            } else if (chunk != 1) {
                return true;
            }
            switch (fault) {
                case DIE:
                    half(read, true);
                    return false;
                case PAUSE:
                    half(read, false);
                    return false;
                case GIBBERISH:
                    raw(new byte[] {0x7f, 0, 0, 1, 1, 2, 3});
                    return false;
                case SAY_OVERLOADED:
                    say(new Message.Failed(read.requestId(), FailureKind.OVERLOADED, "too much to do"));
                    return false;
                case SAY_STALE:
                    say(new Message.Failed(read.requestId(), FailureKind.STALE, "changed at the origin"));
                    return false;
                case SAY_DENIED:
                    say(new Message.Failed(read.requestId(), FailureKind.DENIED, "no credentials here"));
                    return false;
                default:
                    return true;
            }
        }

        /** The head of a data frame and less than its payload; nothing may be written after it. */
        private synchronized void half(Message.Read read, boolean die) throws IOException, InterruptedException {
            ByteBuffer head = MessageCodec.dataHead(
                    new Message.Data(read.requestId(), read.offset() + Geometry.CHUNK_BYTES, false, 0), 1000);
            byte[] cut = new byte[head.remaining() + 500];
            head.get(cut, 0, head.remaining());
            raw(cut);
            if (!die) {
                over.await();
            }
            socket.close();
        }

        private void give(TestObject object, long request, long told, long at, int count, boolean flip)
                throws IOException {
            boolean whole = at % Geometry.CHUNK_BYTES == 0
                    && count == Geometry.chunkLength(Geometry.chunkOf(at), object.bytes().length);
            Message.Data data = new Message.Data(request, told, whole, whole ? object.crc32c(at, count) : 0);
            ByteBuffer head = MessageCodec.dataHead(data, count);
            byte[] frame = new byte[head.remaining() + count];
            int headBytes = head.remaining();
            head.get(frame, 0, headBytes);
            System.arraycopy(object.bytes(), (int) at, frame, headBytes, count);
            if (flip) {
                frame[headBytes + count / 2] ^= 4;
            }
            raw(frame);
            bytesSent.addAndGet(count);
        }

        private void say(Message message) throws IOException {
            raw(MessageCodec.encode(message).array());
        }

        private synchronized void raw(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }
    }
}
