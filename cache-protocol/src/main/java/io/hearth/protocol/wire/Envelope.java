package io.hearth.protocol.wire;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The frame of every stored or sent record: magic, version, body, CRC32C over all before it. */
public final class Envelope {
    private static final int HEAD_BYTES = 4 + 2;
    private static final int CRC_BYTES = 4;

    private Envelope() {}

    /** Wraps {@code body}. */
    public static byte[] seal(int magic, int version, byte[] body) {
        FieldWriter out = new FieldWriter().i32(magic).u16(version).raw(body);
        CRC32C crc = new CRC32C();
        crc.update(out.toBytes());
        return out.i32((int) crc.getValue()).toBytes();
    }

    /**
     * Checks magic, version and checksum and gives the body.
     *
     * @param what the record's name for the message
     * @throws HearthException {@link FailureKind#UNSUPPORTED_VERSION} for another version, {@link FailureKind#INVALID}
     *     for bytes that are no such record, {@link FailureKind#CORRUPT} for a wrong checksum
     */
    public static ByteBuffer open(byte[] bytes, int magic, int version, String what) {
        if (bytes.length < HEAD_BYTES + CRC_BYTES || ByteBuffer.wrap(bytes).getInt() != magic) {
            throw new HearthException(FailureKind.INVALID, "these bytes are no " + what);
        }
        int found = ByteBuffer.wrap(bytes).getShort(4) & 0xffff;
        if (found != version) {
            throw new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    "a " + what + " of format version " + found + ": this build reads version " + version
                            + "; use the build that wrote it, or a newer one");
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - CRC_BYTES);
        if ((int) crc.getValue() != ByteBuffer.wrap(bytes).getInt(bytes.length - CRC_BYTES)) {
            throw new HearthException(FailureKind.CORRUPT, "a " + what + " does not match its checksum");
        }
        return ByteBuffer.wrap(bytes, HEAD_BYTES, bytes.length - HEAD_BYTES - CRC_BYTES);
    }
}
