package io.hearth.fuse.plan;

import io.hearth.fuse.Child;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/** The process that touches the mounts in the test's place; each of its threads is a {@link Program}. */
final class Programs implements AutoCloseable {
    private final Child.Running process;
    private final Queue<Program> idle = new ArrayDeque<>();

    /** @param bound after which the process is ended, whatever it does */
    Programs(Path directory, int threads, Duration bound) throws IOException {
        Path socket = directory.resolve("calls");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket), threads);
            process = Child.java(directory, bound, CallingProcess.class, socket.toString(), "" + threads);
            process.onExit(() -> close(server));
            for (int i = 0; i < threads; i++) {
                idle.add(new Program(server.accept()));
            }
        }
    }

    private static void close(ServerSocketChannel server) {
        try {
            server.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** One that will touch the mount on {@code root} alone. */
    synchronized Program on(Path root) throws IOException {
        return idle.remove().on(root);
    }

    @Override
    public void close() {
        process.close();
    }

    /** A thread of that process; for one thread here. */
    static final class Program {
        private final DataInputStream in;
        private final DataOutputStream out;

        private Program(SocketChannel channel) {
            in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
            out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
        }

        private Program on(Path root) throws IOException {
            byte[] bytes = (root + "/").getBytes(StandardCharsets.UTF_8);
            out.writeShort(bytes.length);
            out.write(bytes);
            return this;
        }

        String answer(Call call) throws IOException {
            call.write(out);
            out.flush();
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            return new String(answer, StandardCharsets.US_ASCII);
        }
    }
}
