package io.hearth.fuse.kernel.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads requests. Whatever stands in the buffer, the answer is a request or a {@link MalformedRequestException}, and no
 * byte beyond the buffer's limit is looked at. Bodies may be longer than known here: newer kernels append fields.
 */
public final class RequestDecoder {
    private static final int BODY = RequestHeader.BYTES;
    private static final int FORGET_ONE_BYTES = 16;

    private RequestDecoder() {}

    /**
     * The header alone: enough to answer with an error.
     *
     * @param in from position to limit, what one read of the device gave, in the machine's byte order
     */
    public static RequestHeader header(ByteBuffer in) throws MalformedRequestException {
        int base = in.position();
        if (in.remaining() < RequestHeader.BYTES) {
            throw new MalformedRequestException(in.remaining() + " bytes are no request");
        }
        return new RequestHeader(
                in.getInt(base), Opcode.of(in.getInt(base + 4)), in.getLong(base + 8), in.getLong(base + 16));
    }

    /** The whole request; {@code in} as in {@link #header}. Its position stays. */
    public static Request decode(ByteBuffer in) throws MalformedRequestException {
        RequestHeader header = header(in);
        if (header.lengthBytes() != in.remaining()) {
            throw new MalformedRequestException(
                    header.opcode() + " says " + header.lengthBytes() + " bytes and has " + in.remaining());
        }
        int body = in.position() + BODY;
        return switch (header.opcode()) {
            case LOOKUP -> new Request.Lookup(header, name(in, header, body));
            case FORGET -> new Request.Forget(header, in.getLong(need(in, header, body, 8)));
            case BATCH_FORGET -> batchForget(in, header, body);
            case GETATTR -> new Request.GetAttributes(header);
            case STATX -> new Request.Statx(header);
            case OPEN -> new Request.Open(header, in.getInt(need(in, header, body, 8)));
            case OPENDIR -> new Request.OpenDirectory(header);
            case READ -> read(in, header, need(in, header, body, 20));
            case READDIR, READDIRPLUS -> readDirectory(in, header, need(in, header, body, 20));
            case RELEASE -> new Request.Release(header, in.getLong(need(in, header, body, 8)));
            case RELEASEDIR -> new Request.ReleaseDirectory(header, in.getLong(need(in, header, body, 8)));
            case STATFS -> new Request.StatFs(header);
            case INIT -> init(in, header, need(in, header, body, 16));
            case INTERRUPT -> new Request.Interrupt(header, in.getLong(need(in, header, body, 8)));
            case DESTROY -> new Request.Destroy(header);
            case SETATTR,
                    SYMLINK,
                    MKNOD,
                    MKDIR,
                    UNLINK,
                    RMDIR,
                    RENAME,
                    LINK,
                    WRITE,
                    SETXATTR,
                    REMOVEXATTR,
                    CREATE,
                    FALLOCATE,
                    RENAME2,
                    COPY_FILE_RANGE,
                    TMPFILE -> new Request.Change(header);
            case OTHER -> new Request.Unserved(header);
        };
    }

    private static Request read(ByteBuffer in, RequestHeader header, int body) {
        return new Request.Read(header, in.getLong(body), in.getLong(body + 8), in.getInt(body + 16));
    }

    private static Request readDirectory(ByteBuffer in, RequestHeader header, int body) {
        boolean plus = header.opcode() == Opcode.READDIRPLUS;
        return new Request.ReadDirectory(header, in.getLong(body), in.getLong(body + 8), in.getInt(body + 16), plus);
    }

    private static Request init(ByteBuffer in, RequestHeader header, int body) {
        boolean extended = in.limit() - body >= 20;
        return new Request.Init(
                header,
                in.getInt(body),
                in.getInt(body + 4),
                in.getInt(body + 8),
                in.getInt(body + 12),
                extended ? in.getInt(body + 16) : 0);
    }

    private static Request batchForget(ByteBuffer in, RequestHeader header, int body) throws MalformedRequestException {
        long count = Integer.toUnsignedLong(in.getInt(need(in, header, body, 8)));
        int first = body + 8;
        if (count > (in.limit() - first) / FORGET_ONE_BYTES) {
            throw new MalformedRequestException(
                    header.opcode() + " names " + count + " nodes in " + header.lengthBytes() + " bytes");
        }
        long[] nodeIds = new long[(int) count];
        long[] counts = new long[(int) count];
        for (int i = 0; i < count; i++) {
            nodeIds[i] = in.getLong(first + i * FORGET_ONE_BYTES);
            counts[i] = in.getLong(first + i * FORGET_ONE_BYTES + 8);
        }
        return new Request.BatchForget(header, nodeIds, counts);
    }

    private static Optional<String> name(ByteBuffer in, RequestHeader header, int from)
            throws MalformedRequestException {
        int end = from;
        while (end < in.limit() && in.get(end) != 0) {
            end++;
        }
        if (end == in.limit() || end == from) {
            throw new MalformedRequestException(
                    header.opcode() + (end == from ? " of no name" : " of an endless name"));
        }
        byte[] bytes = new byte[end - from];
        in.get(from, bytes);
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** {@code body}, if so many bytes stand there. */
    private static int need(ByteBuffer in, RequestHeader header, int body, int bytes) throws MalformedRequestException {
        if (in.limit() - body < bytes) {
            throw new MalformedRequestException(
                    header.opcode() + " of " + header.lengthBytes() + " bytes lacks a part of its body");
        }
        return body;
    }
}
