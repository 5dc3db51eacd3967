package io.hearth.fuse.plan;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Child process: threads that make the calls that they are sent, each over a connection of its own. */
final class CallingProcess {
    private CallingProcess() {}

    public static void main(String[] arguments) throws IOException {
        Syscalls libc = Syscalls.load();
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(Path.of(arguments[0]));
        for (int i = Integer.parseInt(arguments[1]); i > 0; i--) {
            SocketChannel channel = SocketChannel.open(address);
            new Thread(() -> serve(libc, channel)).start();
        }
    }

    private static void serve(Syscalls libc, SocketChannel channel) {
        try (channel) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
            byte[] root = new byte[in.readUnsignedShort()];
            in.readFully(root);
            Caller caller = new Caller(libc, root);
            while (true) {
                byte[] answer = caller.answer(Call.read(in)).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                out.writeInt(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (EOFException e) {
            // The plans are over.
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
