package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.fuse.kernel.device.DeviceMounts;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.fuse.kernel.device.ReadWaker;
import io.hearth.fuse.kernel.session.KernelSession;
import io.hearth.fuse.kernel.session.SessionOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * A kernel that offers what a test says: a session is served from one end of a socket pair, and asked from the other.
 */
final class ScriptedKernel implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int HEADER_BYTES = 40;
    private static final int REPLY_BYTES_MAX = 1 << 16;
    private static final Duration BOUND = Duration.ofSeconds(10);

    private static final int F_GETFD = 1;

    private static final int LOOKUP = 1;
    private static final int OPEN = 14;
    private static final int READ = 15;
    private static final int RELEASE = 18;
    private static final int INIT = 26;

    private final Libc libc = Libc.load();
    private final POSIX posix = POSIXFactory.getNativePOSIX();
    private final int end;
    private final int device;
    private final KernelSession session;
    private final Thread serving;
    private long unique;

    ScriptedKernel(FuseFileSystem files, MountMetrics metrics, Optional<Duration> passthroughWait) {
        int[] ends = {-1, -1};
        assertEquals(0, posix.socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
        end = ends[0];
        device = ends[1];
        session = new KernelSession(
                new DeviceMounts(libc).adopt(device),
                new ReadWaker(libc),
                files,
                new SessionOptions(BOUND, 64, 4, 1 << 17, libc.getpagesize(), 1 << 20, passthroughWait, 0, 0),
                metrics);
        serving = new Thread(session::serve, "scripted-session");
        serving.start();
    }

    /** Gives the flags that the session took: the first field, and the one of the further flags. */
    long init(int minor, int flags, int furtherFlags) {
        ByteBuffer body =
                body(64).putInt(7).putInt(minor).putInt(131_072).putInt(flags).putInt(furtherFlags);
        ByteBuffer reply = ask(INIT, 0, body);
        return (long) reply.getInt(32) << 32 | reply.getInt(12) & 0xffff_ffffL;
    }

    /** Gives the node. */
    long lookup(long parent, String name) {
        return ask(LOOKUP, parent, ByteBuffer.wrap((name + "\0").getBytes(StandardCharsets.UTF_8)))
                .getLong(0);
    }

    /** Gives the handle, open flags and backing id. */
    ByteBuffer open(long node) {
        return ask(OPEN, node, body(8));
    }

    byte[] read(long node, long handle, long offset, int length) {
        ByteBuffer reply =
                ask(READ, node, body(40).putLong(handle).putLong(offset).putInt(length));
        byte[] bytes = new byte[reply.remaining()];
        reply.get(bytes);
        return bytes;
    }

    void release(long node, long handle) {
        ask(RELEASE, node, body(24).putLong(handle));
    }

    /** Whether the session has ended within the bound. */
    boolean leave(Duration bound) {
        return session.leave(bound);
    }

    /** Whether the session's end of the device is open, once nothing is served any more. */
    boolean deviceIsOpen() throws InterruptedException {
        serving.join(BOUND.toMillis());
        assertFalse(serving.isAlive());
        return libc.fcntl(device, F_GETFD, 0) >= 0;
    }

    /** Reads one message that is no reply. */
    void notice() {
        ByteBuffer notice = body(REPLY_BYTES_MAX);
        assertTrue(posix.read(end, notice, notice.capacity()) >= 16);
        assertEquals(0, notice.getLong(8), "an answer to nothing");
    }

    private static ByteBuffer body(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The reply's body; no error is one. */
    private ByteBuffer ask(int opcode, long node, ByteBuffer body) {
        ByteBuffer request = body(HEADER_BYTES + body.capacity());
        request.putInt(request.capacity()).putInt(opcode).putLong(++unique).putLong(node);
        request.position(HEADER_BYTES).put(body.clear()).clear();
        assertEquals(request.capacity(), posix.write(end, request, request.capacity()));
        ByteBuffer reply = body(REPLY_BYTES_MAX);
        long length = posix.read(end, reply, reply.capacity());
        assertTrue(length >= 16, "a reply of " + length + " bytes");
        assertEquals(unique, reply.getLong(8));
        assertEquals(0, reply.getInt(4), "errno of opcode " + opcode);
        return reply.limit((int) length).position(16).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        assertTrue(session.leave(BOUND), "the session ends");
        libc.close(end);
    }
}
