package io.hearth.launcher.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An S3 server whose answers wait until they are let through: requests for some objects are held back on their way to
 * the store behind, or refused. Listings pass.
 */
final class GatedOrigin implements AutoCloseable {
    private static final int REQUEST_BYTES_MAX = 64 << 10;
    private static final byte[] REFUSAL = ("HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\n"
                    + "Content-Length: 40\r\nConnection: close\r\n\r\n<Error><Code>SlowDown</Code></Error>    ")
            .getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server;
    private final URI store;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger held = new AtomicInteger();
    private String gate = "";
    private SplittableRandom random = new SplittableRandom();
    private int refusedPercent;
    private boolean closed;

    private GatedOrigin(ServerSocket server, URI store) {
        this.server = server;
        this.store = store;
    }

    static GatedOrigin before(URI store) throws IOException {
        GatedOrigin origin = new GatedOrigin(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), store);
        origin.thread(origin::accept);
        return origin;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** From now on holds reads of objects whose key contains {@code part}. */
    synchronized void hold(String part) {
        gate = part;
        held.set(0);
    }

    synchronized void release() {
        gate = "";
        notifyAll();
    }

    /** From now on refuses that share of the reads with 503, as a store does that has too much to do. */
    synchronized void refuse(SplittableRandom source, int percent) {
        random = source.split();
        refusedPercent = percent;
    }

    /** Reads that were held back since {@link #hold}. */
    int held() {
        return held.get();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = server.accept();
            Socket behind = new Socket(store.getHost(), store.getPort());
            sockets.add(client);
            sockets.add(behind);
            thread(() -> forward(client, behind, true));
            thread(() -> forward(behind, client, false));
        }
    }

    private void forward(Socket from, Socket to, boolean requests) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] piece = new byte[REQUEST_BYTES_MAX];
            for (int n = in.read(piece); n > 0; n = in.read(piece)) {
                if (requests && !pass(new String(piece, 0, n, StandardCharsets.UTF_8))) {
                    from.getOutputStream().write(REFUSAL);
                    return;
                }
                out.write(piece, 0, n);
            }
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /**
     * A read has no body and comes in one piece, so a piece that begins with GET is a request.
     *
     * @return false if it is refused; the connection, which has no answer under way then, ends with that
     */
    private synchronized boolean pass(String request) throws IOException {
        String line = request.lines().findFirst().orElse("");
        boolean read = line.startsWith("GET ") && !line.contains("list-type=");
        if (read && held(line)) {
            held.incrementAndGet();
        }
        while (read && held(line) && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        return !read || random.nextInt(100) >= refusedPercent;
    }

    private boolean held(String line) {
        return !gate.isEmpty() && line.contains(gate);
    }

    private void thread(Forwarding forwarding) {
        Thread thread = new Thread(
                () -> {
                    try {
                        forwarding.run();
                    } catch (IOException e) {
                        // The other side closed.
                    }
                },
                "hearth-gated-origin");
        thread.setDaemon(true);
        thread.start();
    }

    private interface Forwarding {
        void run() throws IOException;
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
