package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.FuseFileSystem.OpenReply;
import io.hearth.fuse.kernel.device.NativeBuffer;
import io.hearth.fuse.kernel.wire.OpenFlag;
import io.hearth.fuse.kernel.wire.Reply;
import io.hearth.fuse.kernel.wire.Request;
import java.nio.ByteBuffer;

/** Opens and reads. One a thread. */
final class FileAnswers {
    private static final int O_ACCMODE = 3;

    private final Tree tree;
    private final Channel channel;
    private final ReplyBuffers buffers;
    private final InFlight inFlight;
    private final OpenModes modes;

    FileAnswers(Tree tree, Channel channel, SessionParts parts) {
        this.tree = tree;
        this.channel = channel;
        this.buffers = parts.buffers();
        this.inFlight = parts.inFlight();
        this.modes = parts.modes();
    }

    void open(Request.Open request) {
        if ((request.flags() & O_ACCMODE) != 0) {
            throw FuseErrno.EROFS.failure();
        }
        OpenReply opened = tree.files().open(tree.inode(request.header().nodeId()));
        long node = request.header().nodeId();
        int backingId = decide(node, opened.handle());
        int pages = opened.keepCache() ? OpenFlag.KEEP_CACHE : 0;
        int flags = OpenFlag.NO_FLUSH | (backingId == OpenModes.CACHED ? pages : OpenFlag.PASSTHROUGH);
        channel.reply().opened(request.header().unique(), opened.handle(), flags, backingId);
        if (!channel.send()) {
            modes.release(node);
            tree.files().release(opened.handle());
        }
    }

    private int decide(long node, long handle) {
        try {
            return modes.open(node, handle);
        } catch (RuntimeException e) {
            tree.files().release(handle);
            throw e;
        }
    }

    void read(Request.Read request) {
        long unique = request.header().unique();
        if (!inFlight.begin(unique)) {
            throw FuseErrno.EINTR.failure();
        }
        try {
            int size = Math.min(request.sizeBytes(), buffers.bufferBytes());
            if (size < 0) {
                throw FuseErrno.EINVAL.failure();
            } else if (size <= channel.reply().buffer().capacity() - Reply.HEADER_BYTES) {
                readShort(request, size);
            } else {
                readLong(request, size);
            }
        } catch (RuntimeException e) {
            throw inFlight.end(unique) ? FuseErrno.EINTR.failure() : e;
        }
        inFlight.end(unique);
    }

    /** Into the thread's own buffer, behind the header. */
    private void readShort(Request.Read request, int size) {
        ByteBuffer own = channel.reply().buffer();
        own.clear().position(Reply.HEADER_BYTES).limit(Reply.HEADER_BYTES + size);
        int read = tree.files().read(request.handle(), request.offset(), own);
        channel.reply().dataHeader(request.header().unique(), read);
        own.limit(Reply.HEADER_BYTES + read);
        channel.send();
    }

    /**
     * From a file's pages where they lie in one; else into a buffer that is shared out, sent with the header in one
     * call.
     */
    private void readLong(Request.Read request, int size) {
        long unique = request.header().unique();
        NativeBuffer data = take();
        try {
            data.bytes().clear().limit(size);
            int read = tree.files()
                    .read(
                            request.handle(),
                            request.offset(),
                            data.bytes(),
                            (file, offset, length) -> channel.take(unique, file, offset, length));
            if (channel.hasTaken()) {
                if (!channel.sendTaken()) {
                    throw FuseErrno.EIO.failure(); // For a request that has gone, nobody hears it.
                }
                return;
            }
            data.bytes().limit(read);
            channel.reply().dataHeader(unique, read);
            channel.send(data);
        } finally {
            channel.dropTaken();
            buffers.give(data);
        }
    }

    private NativeBuffer take() {
        try {
            return buffers.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw FuseErrno.EINTR.failure();
        }
    }

    void release(Request.Release request) {
        modes.release(request.header().nodeId());
        tree.files().release(request.handle());
        channel.reply().done(request.header().unique());
        channel.send();
    }
}
