package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.wire.FieldReader;
import io.hearth.protocol.wire.FieldWriter;
import io.hearth.protocol.wire.MessageCodec;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The bytes of a {@code .meta} file, big-endian: one header, then records of {@link #RECORD_BYTES}. */
final class MetaFormat {
    /** What is written. Version 1 has no {@link #SEAL}, and no version before this one {@link Header#moves}; both are read. */
    static final int VERSION = 3;

    private static final int VERSION_MIN = 1;
    private static final int VERSION_OF_SEALS = 2;
    private static final int VERSION_OF_MOVES = 3;
    static final int RECORD_BYTES = 16;

    /** More than the longest header: namespace, origin, key and validator at their wire bounds. */
    static final int HEADER_BYTES_MAX = 4096;

    /** The chunk's bytes stand in the data file and have this CRC32C. */
    static final int SET = 1;

    /** The chunk's bytes do not count any more. */
    static final int CLEAR = 2;

    /**
     * A descriptor of the data file may have left the worker: the file's bytes are never changed again. Chunk and CRC
     * are 0.
     */
    static final int SEAL = 3;

    private static final int MAGIC = 0x48524d54;
    private static final int FIXED_BYTES = 4 + 2 + 2 + 4;
    private static final int CRC_BYTES = 4;
    private static final int NAMESPACE_BYTES_MAX = 63;

    private MetaFormat() {}

    /**
     * @param moves how many files this one descends from: a copy for another tier has one more than the file it was made of
     * @param bytes length of the header; records start there
     */
    record Header(String namespace, ObjectRef object, int chunkBytes, int moves, int bytes, int crc, int version) {
        /** Whether the record type is known to readers of this version; an unknown one ends the log for them. */
        private boolean knows(int type) {
            return type == SET || type == CLEAR || type == SEAL && knowsSeals();
        }

        boolean knowsSeals() {
            return version >= VERSION_OF_SEALS;
        }
    }

    record ChunkRecord(int type, int chunk, int crc) {}

    static byte[] header(String namespace, ObjectRef object, int chunkBytes, int moves) {
        FieldWriter fields = new FieldWriter().text(namespace);
        MessageCodec.writeObject(object, fields);
        fields.i32(moves);
        FieldWriter header = new FieldWriter()
                .i32(MAGIC)
                .u16(VERSION)
                .u16(FIXED_BYTES + fields.size() + CRC_BYTES)
                .i32(chunkBytes)
                .raw(fields.toBytes());
        return header.i32(crc(header.toBytes())).toBytes();
    }

    /**
     * Reads the header at the start of {@code file}.
     *
     * @throws HearthException {@link FailureKind#UNSUPPORTED_VERSION} for what another build may understand,
     *     {@link FailureKind#CORRUPT} for a header that was never finished or has rotted
     */
    static Header parse(ByteBuffer file, int chunkBytes) {
        FieldReader in = new FieldReader(file.duplicate());
        if (in.remaining() < FIXED_BYTES || file.getInt(file.position()) == 0) {
            throw new HearthException(FailureKind.CORRUPT, "the header was never finished");
        }
        int magic = in.i32();
        int version = in.u16();
        int length = in.u16();
        if (magic != MAGIC || version < VERSION_MIN || version > VERSION) {
            throw new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    magic != MAGIC
                            ? "this is no cache file"
                            : "format version " + version + " is none of " + VERSION_MIN + " to " + VERSION);
        }
        if (length < FIXED_BYTES + CRC_BYTES || length > file.remaining()) {
            throw new HearthException(FailureKind.CORRUPT, "the header is cut short");
        }
        byte[] covered = new byte[length - CRC_BYTES];
        file.get(file.position(), covered);
        int crc = file.getInt(file.position() + covered.length);
        if (crc != crc(covered)) {
            throw new HearthException(FailureKind.CORRUPT, "the header does not match its checksum");
        }
        int found = in.i32();
        if (found != chunkBytes) {
            throw new HearthException(FailureKind.UNSUPPORTED_VERSION, "chunks of " + found + " bytes");
        }
        String namespace = in.text(NAMESPACE_BYTES_MAX);
        ObjectRef object = MessageCodec.readObject(in);
        int moves = version >= VERSION_OF_MOVES ? in.i32() : 0;
        return new Header(namespace, object, chunkBytes, moves, length, crc, version);
    }

    /** @param headerCrc binds the record to its file */
    static ByteBuffer record(int headerCrc, ChunkRecord record) {
        ByteBuffer bytes = ByteBuffer.allocate(RECORD_BYTES);
        bytes.putInt(record.type() << 24).putInt(record.chunk()).putInt(record.crc());
        return bytes.putInt(recordCrc(headerCrc, bytes.array(), 0)).flip();
    }

    /** Reads the record at the position, or gives empty for anything but a whole and sound one. */
    static Optional<ChunkRecord> readRecord(Header header, ByteBuffer in, int chunks) {
        if (in.remaining() < RECORD_BYTES) {
            return Optional.empty();
        }
        byte[] bytes = new byte[RECORD_BYTES];
        in.get(bytes);
        ByteBuffer fields = ByteBuffer.wrap(bytes);
        int type = fields.getInt();
        int chunk = fields.getInt();
        int crc = fields.getInt();
        boolean sound = fields.getInt() == recordCrc(header.crc(), bytes, 0)
                && (type & 0xffffff) == 0
                && header.knows(type >>> 24)
                && chunk >= 0
                && chunk < chunks;
        return sound ? Optional.of(new ChunkRecord(type >>> 24, chunk, crc)) : Optional.empty();
    }

    private static int recordCrc(int headerCrc, byte[] bytes, int offset) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, headerCrc));
        crc.update(bytes, offset, RECORD_BYTES - CRC_BYTES);
        return (int) crc.getValue();
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }
}
