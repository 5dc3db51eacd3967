package io.hearth.fuse.kernel.session;

import io.hearth.fuse.kernel.device.FuseDevice;
import io.hearth.fuse.kernel.device.NativeBuffer;
import io.hearth.fuse.kernel.device.ReplyPipe;
import io.hearth.fuse.kernel.wire.Reply;
import java.nio.ByteBuffer;

/** One serving thread's descriptor and buffers. */
final class Channel implements AutoCloseable {
    /** The longest write that the kernel may send: none comes, so that 8 KiB, the least it takes, hold any request. */
    static final int WRITE_BYTES_MAX = 4096;

    private static final int REQUEST_BYTES = 8192;

    /** Listings, and reads up to 64 KiB. */
    private static final int REPLY_BYTES = Reply.HEADER_BYTES + (64 << 10);

    private final FuseDevice device;
    private final NativeBuffer request = NativeBuffer.allocate(REQUEST_BYTES);
    private final NativeBuffer answer = NativeBuffer.allocate(REPLY_BYTES);
    private final FuseDevice.IoVectors vectors = new FuseDevice.IoVectors();
    private final Reply reply = new Reply(answer.bytes());
    private final ReplyPipe pipe;

    /** @param dataBytesMax of the longest read */
    Channel(FuseDevice device, int dataBytesMax) {
        this.device = device;
        this.pipe = device.pipe(dataBytesMax);
    }

    /** Waits for a request; 0, or the errno. */
    int receive() {
        return device.receive(request);
    }

    /** The request that came last. */
    ByteBuffer request() {
        return request.bytes();
    }

    /** Where the next reply is written. */
    Reply reply() {
        return reply;
    }

    /** Sends what {@link #reply} holds; whether the kernel took it: it does not if nobody waits for it any more. */
    boolean send() {
        return device.send(vectors, answer) == 0;
    }

    /** Sends what {@link #reply} holds, and {@code data} after it. */
    boolean send(NativeBuffer data) {
        return device.send(vectors, answer, data) == 0;
    }

    /** Makes a reply of bytes of a file, for {@link #sendTaken}; whether it could. */
    boolean take(long unique, int file, long offset, int length) {
        reply.dataHeader(unique, length);
        return pipe.fill(answer, file, offset, length);
    }

    /** Whether a reply waits that {@link #take} made. */
    boolean hasTaken() {
        return pipe.filled();
    }

    /** Sends that reply. */
    boolean sendTaken() {
        return device.send(pipe) == 0;
    }

    /** Forgets it. */
    void dropTaken() {
        if (pipe.filled()) {
            pipe.close();
        }
    }

    @Override
    public void close() {
        pipe.close();
        device.close();
    }
}
