package io.hearth.protocol.wire;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.Validator;
import io.hearth.protocol.wire.Message.AwaitReady;
import io.hearth.protocol.wire.Message.Cancel;
import io.hearth.protocol.wire.Message.Data;
import io.hearth.protocol.wire.Message.Failed;
import io.hearth.protocol.wire.Message.Granted;
import io.hearth.protocol.wire.Message.Hello;
import io.hearth.protocol.wire.Message.KeepFile;
import io.hearth.protocol.wire.Message.Kept;
import io.hearth.protocol.wire.Message.LetGo;
import io.hearth.protocol.wire.Message.OpenDescriptor;
import io.hearth.protocol.wire.Message.Ping;
import io.hearth.protocol.wire.Message.Pong;
import io.hearth.protocol.wire.Message.Prefetch;
import io.hearth.protocol.wire.Message.PrefetchBlocks;
import io.hearth.protocol.wire.Message.Read;
import io.hearth.protocol.wire.Message.Ready;
import io.hearth.protocol.wire.Message.Refused;
import io.hearth.protocol.wire.Message.Revoked;
import io.hearth.protocol.wire.Message.SendDevice;
import io.hearth.protocol.wire.Message.TakeDescriptor;
import io.hearth.protocol.wire.Message.UnkeepFile;
import io.hearth.protocol.wire.Message.Welcome;
import io.hearth.protocol.wire.Message.Whole;
import java.nio.ByteBuffer;

/**
 * Frames as bytes: a 32-bit length of what follows, a type byte, fields. Only a {@link Data} frame may be longer than
 * {@link #CONTROL_BYTES_MAX}: its fields are followed by the payload.
 */
public final class MessageCodec {
    /** Oldest and newest version of the wire that this build speaks. */
    public static final int VERSION_MIN = 1;

    public static final int VERSION_MAX = 1;

    /** Bytes of the length field. */
    public static final int LENGTH_BYTES = 4;

    /** Largest frame, its length field not counted, of any type but data. */
    public static final int CONTROL_BYTES_MAX = 8 << 10;

    /** Bytes of a data frame between the length field and the payload. */
    public static final int DATA_HEAD_BYTES = 1 + 8 + 8 + 1 + 4;

    /** Largest frame, its length field not counted. */
    public static final int FRAME_BYTES_MAX = DATA_HEAD_BYTES + Geometry.CHUNK_BYTES;

    /** Largest read in one request. */
    public static final int READ_BYTES_MAX = Geometry.BLOCK_BYTES;

    /** Longest reason in a {@link Failed} or {@link Refused}, in characters; a longer one is cut by the sender. */
    public static final int REASON_CHARS_MAX = 500;

    /** Most runs in a {@link PrefetchBlocks}; more are said in several. */
    public static final int RUNS_MAX = 512;

    private static final int MAGIC = 0x48525448;
    private static final int KEY_BYTES_MAX = 1024;
    private static final int VALIDATOR_BYTES_MAX = 1100;
    private static final int NAME_BYTES_MAX = 255;
    private static final int TOKEN_BYTES_MAX = 4096;
    private static final int REASON_BYTES_MAX = 4 * REASON_CHARS_MAX;

    private static final int HELLO = 1;
    private static final int WELCOME = 2;
    private static final int REFUSED = 3;
    private static final int READ = 4;
    private static final int PREFETCH = 5;
    private static final int CANCEL = 6;
    private static final int DATA = 7;
    private static final int FAILED = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int AWAIT_READY = 11;
    private static final int READY = 12;
    private static final int OPEN_DESCRIPTOR = 13;
    private static final int GRANTED = 14;
    private static final int TAKE_DESCRIPTOR = 15;
    private static final int LET_GO = 16;
    private static final int REVOKED = 17;
    private static final int WHOLE = 18;
    private static final int KEEP_FILE = 19;
    private static final int UNKEEP_FILE = 20;
    private static final int SEND_DEVICE = 21;
    private static final int KEPT = 22;
    private static final int PREFETCH_BLOCKS = 23;

    private MessageCodec() {}

    /** The whole frame of any message but {@link Data}, length field included. */
    public static ByteBuffer encode(Message message) {
        if (message instanceof Data) {
            throw new IllegalArgumentException("a data frame needs its payload's length: use dataHead");
        }
        FieldWriter body = new FieldWriter();
        write(message, body);
        if (body.size() > CONTROL_BYTES_MAX) {
            throw new HearthException(FailureKind.INVALID, "a frame of " + body.size() + " bytes is too long");
        }
        return new FieldWriter().i32(body.size()).raw(body.toBytes()).toBuffer();
    }

    /** Length field and head of a data frame whose payload of {@code payloadBytes} (1 to a chunk) follows. */
    public static ByteBuffer dataHead(Data data, int payloadBytes) {
        if (payloadBytes < 1 || payloadBytes > Geometry.CHUNK_BYTES) {
            throw new IllegalArgumentException("payload of " + payloadBytes + " bytes");
        }
        FieldWriter frame = new FieldWriter().i32(DATA_HEAD_BYTES + payloadBytes);
        write(data, frame);
        return frame.toBuffer();
    }

    /** Checks a length field before the frame is read. */
    public static int checkLength(int length) {
        if (length < 1 || length > FRAME_BYTES_MAX) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "a frame of " + (length & 0xffffffffL)
                            + " bytes: this is not Hearth's data plane, or a broken peer");
        }
        return length;
    }

    /**
     * Reads one frame without its length field. For {@link Data} the buffer's position is left at the payload; any
     * other frame is read to its end.
     *
     * @throws HearthException {@link FailureKind#INVALID} for anything that {@link #encode} would not have written
     */
    public static Message decode(ByteBuffer frame) {
        FieldReader in = new FieldReader(frame);
        int length = in.remaining();
        int type = in.u8();
        if (type != DATA && length > CONTROL_BYTES_MAX) {
            throw new HearthException(FailureKind.INVALID, "malformed bytes: a control frame of " + length + " bytes");
        }
        Message message = read(type, in);
        if (message instanceof Data) {
            checkPayload((Data) message, in.remaining());
        } else {
            in.end();
        }
        return message;
    }

    private static void checkPayload(Data data, int payloadBytes) {
        long start = data.offset() % Geometry.CHUNK_BYTES;
        if (payloadBytes < 1 || start + payloadBytes > Geometry.CHUNK_BYTES) {
            throw new HearthException(FailureKind.INVALID, "malformed bytes: a payload across a chunk's border");
        }
    }

    private static void write(Message message, FieldWriter out) {
        if (message instanceof Hello hello) {
            out.u8(HELLO).i32(MAGIC).u16(hello.versionMin()).u16(hello.versionMax());
            out.i64(hello.features()).text(hello.token());
        } else if (message instanceof Welcome welcome) {
            out.u8(WELCOME).u16(welcome.version()).i64(welcome.features());
            out.text(welcome.workerId()).i64(welcome.incarnation());
        } else if (message instanceof Refused refused) {
            out.u8(REFUSED).u16(refused.versionMin()).u16(refused.versionMax()).text(cut(refused.reason()));
        } else if (message instanceof Read read) {
            out.u8(READ).i64(read.requestId());
            writeContext(read.context(), out);
            writeObject(read.object(), out);
            out.i64(read.offset()).i32(read.length());
        } else if (message instanceof Prefetch prefetch) {
            out.u8(PREFETCH);
            writeContext(prefetch.context(), out);
            writeObject(prefetch.object(), out);
            out.i64(prefetch.offset()).i64(prefetch.length());
        } else if (message instanceof PrefetchBlocks prefetch) {
            out.u8(PREFETCH_BLOCKS);
            writeContext(prefetch.context(), out);
            writeObject(prefetch.object(), out);
            prefetch.blocks().write(out);
        } else if (message instanceof Cancel cancel) {
            out.u8(CANCEL).i64(cancel.requestId());
        } else if (message instanceof Data data) {
            out.u8(DATA).i64(data.requestId()).i64(data.offset());
            out.u8(data.wholeChunk() ? 1 : 0).i32(data.crc32c());
        } else if (message instanceof Failed failed) {
            out.u8(FAILED).i64(failed.requestId()).text(failed.kind().code()).text(cut(failed.reason()));
        } else if (message instanceof Ping ping) {
            out.u8(PING).i64(ping.nonce());
        } else if (message instanceof Pong pong) {
            out.u8(PONG).i64(pong.nonce());
        } else {
            writeOfDescriptors(message, out);
        }
    }

    private static void writeOfDescriptors(Message message, FieldWriter out) {
        if (message instanceof AwaitReady await) {
            out.u8(AWAIT_READY).i64(await.requestId()).i64(await.grant());
            writeContext(await.context(), out);
            writeObject(await.object(), out);
            out.i64(await.offset()).i32(await.length());
        } else if (message instanceof Ready ready) {
            out.u8(READY).i64(ready.requestId()).i64(ready.offset()).i64(ready.length());
        } else if (message instanceof OpenDescriptor open) {
            out.u8(OPEN_DESCRIPTOR).i64(open.requestId());
            writeContext(open.context(), out);
            writeObject(open.object(), out);
        } else if (message instanceof Granted granted) {
            out.u8(GRANTED).i64(granted.requestId()).i64(granted.grant());
        } else if (message instanceof TakeDescriptor take) {
            out.u8(TAKE_DESCRIPTOR).i64(take.requestId());
        } else if (message instanceof LetGo letGo) {
            out.u8(LET_GO).i64(letGo.grant());
        } else if (message instanceof Revoked revoked) {
            out.u8(REVOKED).i64(revoked.grant());
        } else if (message instanceof Whole whole) {
            out.u8(WHOLE).i64(whole.grant());
        } else if (message instanceof KeepFile keep) {
            out.u8(KEEP_FILE).i64(keep.requestId()).i64(keep.grant());
        } else if (message instanceof UnkeepFile unkeep) {
            out.u8(UNKEEP_FILE).i64(unkeep.requestId()).i32(unkeep.backingId());
        } else if (message instanceof SendDevice send) {
            out.u8(SEND_DEVICE).i64(send.requestId());
        } else if (message instanceof Kept kept) {
            out.u8(KEPT).i64(kept.requestId()).i32(kept.backingId());
        }
    }

    private static Message read(int type, FieldReader in) {
        switch (type) {
            case HELLO:
                if (in.i32() != MAGIC) {
                    throw new HearthException(FailureKind.INVALID, "malformed bytes: this is not Hearth's data plane");
                }
                return new Hello(in.u16(), in.u16(), in.i64(), in.text(TOKEN_BYTES_MAX));
            case WELCOME:
                return new Welcome(in.u16(), in.i64(), in.text(NAME_BYTES_MAX), in.i64());
            case REFUSED:
                return new Refused(in.u16(), in.u16(), in.text(REASON_BYTES_MAX));
            case READ:
                return checked(new Read(in.i64(), readContext(in), readObject(in), in.i64(), in.i32()));
            case PREFETCH:
                return checked(new Prefetch(readContext(in), readObject(in), in.i64(), in.i64()));
            case PREFETCH_BLOCKS:
                return checked(new PrefetchBlocks(readContext(in), readObject(in), BlockOrder.read(in, RUNS_MAX)));
            case CANCEL:
                return new Cancel(in.i64());
            case DATA:
                return readData(in);
            case FAILED:
                return new Failed(in.i64(), FailureKind.ofCode(in.text(NAME_BYTES_MAX)), in.text(REASON_BYTES_MAX));
            case PING:
                return new Ping(in.i64());
            case PONG:
                return new Pong(in.i64());
            case AWAIT_READY:
                return checked(new AwaitReady(in.i64(), in.i64(), readContext(in), readObject(in), in.i64(), in.i32()));
            case READY:
                return checked(new Ready(in.i64(), in.i64(), in.i64()));
            case OPEN_DESCRIPTOR:
                return new OpenDescriptor(in.i64(), readContext(in), readObject(in));
            case GRANTED:
                return new Granted(in.i64(), in.i64());
            case TAKE_DESCRIPTOR:
                return new TakeDescriptor(in.i64());
            case LET_GO:
                return new LetGo(in.i64());
            case REVOKED:
                return new Revoked(in.i64());
            case WHOLE:
                return new Whole(in.i64());
            case KEEP_FILE:
                return new KeepFile(in.i64(), in.i64());
            case UNKEEP_FILE:
                return new UnkeepFile(in.i64(), in.i32());
            case SEND_DEVICE:
                return new SendDevice(in.i64());
            case KEPT:
                return new Kept(in.i64(), in.i32());
            default:
                throw new HearthException(
                        FailureKind.UNSUPPORTED_VERSION,
                        "a frame of type " + type + " is of a version not spoken here");
        }
    }

    private static Data readData(FieldReader in) {
        long requestId = in.i64();
        long offset = in.i64();
        int flags = in.u8();
        if (offset < 0 || offset > Geometry.OBJECT_BYTES_MAX || flags > 1) {
            throw new HearthException(FailureKind.INVALID, "malformed bytes: a data frame's offset or flags");
        }
        return new Data(requestId, offset, flags == 1, in.i32());
    }

    private static Read checked(Read read) {
        checkRead(read.offset(), read.length(), read.object());
        return read;
    }

    private static AwaitReady checked(AwaitReady await) {
        checkRead(await.offset(), await.length(), await.object());
        return await;
    }

    private static void checkRead(long offset, int length, ObjectRef object) {
        if (length < 1 || length > READ_BYTES_MAX) {
            throw new HearthException(
                    FailureKind.INVALID, "a read of " + length + " bytes: 1 to " + READ_BYTES_MAX + " may be asked");
        }
        checkRange(offset, length, object);
    }

    private static Ready checked(Ready ready) {
        boolean within = ready.offset() >= 0
                && ready.offset() <= Geometry.OBJECT_BYTES_MAX
                && ready.length() >= 1
                && ready.length() <= Geometry.OBJECT_BYTES_MAX - ready.offset();
        if (!within) {
            throw new HearthException(FailureKind.INVALID, "malformed bytes: a ready frame's range");
        }
        return ready;
    }

    private static Prefetch checked(Prefetch prefetch) {
        if (prefetch.length() < 1) {
            throw new HearthException(FailureKind.INVALID, "a prefetch of " + prefetch.length() + " bytes");
        }
        checkRange(prefetch.offset(), prefetch.length(), prefetch.object());
        return prefetch;
    }

    private static PrefetchBlocks checked(PrefetchBlocks prefetch) {
        if (prefetch.blocks().runs().isEmpty()
                || !prefetch.blocks().within(prefetch.object().sizeBytes())) {
            throw new HearthException(FailureKind.INVALID, "a prefetch of no blocks, or of blocks beyond the object");
        }
        return prefetch;
    }

    private static void checkRange(long offset, long length, ObjectRef object) {
        if (offset < 0 || offset > object.sizeBytes() || length > object.sizeBytes() - offset) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "bytes " + offset + " +" + length + " do not lie in an object of " + object.sizeBytes());
        }
    }

    private static void writeContext(RequestContext context, FieldWriter out) {
        out.text(context.principal());
        out.text(context.dataset().namespace()).text(context.dataset().name());
        out.i64(context.traceId());
    }

    private static RequestContext readContext(FieldReader in) {
        String principal = in.text(NAME_BYTES_MAX);
        DatasetName dataset = new DatasetName(in.text(NAME_BYTES_MAX), in.text(NAME_BYTES_MAX));
        return new RequestContext(principal, dataset, in.i64());
    }

    /** Writes an object's identity; also used by the files of a tier. */
    public static void writeObject(ObjectRef object, FieldWriter out) {
        out.text(object.origin()).text(object.key()).text(object.validator().text());
        out.i64(object.sizeBytes());
    }

    /** Reads what {@link #writeObject} wrote. */
    public static ObjectRef readObject(FieldReader in) {
        String origin = in.text(NAME_BYTES_MAX);
        String key = in.text(KEY_BYTES_MAX);
        Validator validator = Validator.parse(in.text(VALIDATOR_BYTES_MAX));
        return new ObjectRef(origin, key, validator, in.i64());
    }

    private static String cut(String reason) {
        return reason.length() <= REASON_CHARS_MAX ? reason : reason.substring(0, REASON_CHARS_MAX);
    }
}
