package io.hearth.protocol.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Appends big-endian fields; text and byte fields carry their length before them. Not thread-safe. */
public final class FieldWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);

    public FieldWriter u8(int value) {
        bytes.write(value);
        return this;
    }

    public FieldWriter u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    public FieldWriter i32(int value) {
        return u16(value >>> 16).u16(value);
    }

    public FieldWriter i64(long value) {
        return i32((int) (value >>> 32)).i32((int) value);
    }

    /** Unsigned LEB128: 1 to 10 bytes, short for small values. */
    public FieldWriter varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            u8((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        return u8((int) rest);
    }

    /** UTF-8 with a 16-bit length; at most 65,535 bytes. */
    public FieldWriter text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > 0xffff) {
            throw new IllegalArgumentException("text of " + utf8.length + " bytes");
        }
        return u16(utf8.length).raw(utf8);
    }

    /** Bytes with a 32-bit length. */
    public FieldWriter blob(byte[] value) {
        return i32(value.length).raw(value);
    }

    /** Bytes without a length. */
    public FieldWriter raw(byte[] value) {
        bytes.writeBytes(value);
        return this;
    }

    public int size() {
        return bytes.size();
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    public ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes.toByteArray());
    }
}
