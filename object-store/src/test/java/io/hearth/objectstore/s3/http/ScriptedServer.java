package io.hearth.objectstore.s3.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A server on a port of loopback that sends byte for byte what a test says, as long as its connections last. */
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket listening;
    private final Script script;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicLong written = new AtomicLong();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    /** Answers one request. */
    @FunctionalInterface
    interface Script {
        /** @return whether the connection goes on */
        boolean answer(String head, OutputStream out) throws IOException;
    }

    ScriptedServer(Script script) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    }

    ScriptedServer(ServerSocket listening, Script script) {
        this.listening = listening;
        this.script = script;
        threads.execute(this::accept);
    }

    /** One answer with its length, again and again. */
    static Script plain(byte[] body) {
        return (head, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(US_ASCII));
            out.write(body);
            return true;
        };
    }

    static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    int port() {
        return listening.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    /** Connections whose client has closed them. */
    int ended() {
        return ended.get();
    }

    long written() {
        return written.get();
    }

    Queue<String> requests() {
        return requests;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                connections.incrementAndGet();
                open.add(socket);
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = new Counted(socket.getOutputStream(), written);
            String head = head(in);
            while (!head.isEmpty()) {
                requests.add(head);
                boolean goesOn = script.answer(head, out);
                out.flush();
                if (!goesOn) {
                    return;
                }
                head = head(in);
            }
            ended.incrementAndGet();
        } catch (IOException e) {
            ended.incrementAndGet();
        } finally {
            open.remove(socket);
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Ends all connections, as a server does that restarts. */
    void disconnect() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        disconnect();
        threads.shutdownNow();
    }

    private static final class Counted extends OutputStream {
        private final OutputStream out;
        private final AtomicLong written;

        Counted(OutputStream out, AtomicLong written) {
            this.out = out;
            this.written = written;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            written.incrementAndGet();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = 0; at < length; at += 64 << 10) {
                int count = Math.min(64 << 10, length - at);
                out.write(bytes, offset + at, count);
                written.addAndGet(count);
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
