package io.hearth.protocol.wire;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link FieldWriter} wrote. Every length is checked against what is there before anything is allocated;
 * every failure is {@link FailureKind#INVALID}. Moves the buffer's position. Not thread-safe.
 */
public final class FieldReader {
    private final ByteBuffer bytes;

    public FieldReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    public int u8() {
        need(1);
        return bytes.get() & 0xff;
    }

    public int u16() {
        return u8() << 8 | u8();
    }

    public int i32() {
        return u16() << 16 | u16();
    }

    public long i64() {
        return (long) i32() << 32 | i32() & 0xffffffffL;
    }

    /** Unsigned LEB128; a value that does not fit 63 bits is malformed. */
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw malformed("a number of more than 63 bits");
    }

    /** A count or length that must lie in 0 to {@code max}. */
    public int count(int max) {
        long value = varint();
        if (value > max) {
            throw malformed("a count of " + value + " where at most " + max + " may stand");
        }
        return (int) value;
    }

    /** Text of at most {@code bytesMax} bytes of valid UTF-8. */
    public String text(int bytesMax) {
        int length = u16();
        if (length > bytesMax) {
            throw malformed("a text of " + length + " bytes where at most " + bytesMax + " may stand");
        }
        return utf8(length);
    }

    /** The next {@code length} bytes as UTF-8. */
    public String utf8(int length) {
        need(length);
        ByteBuffer slice = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(slice)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new HearthException(FailureKind.INVALID, "malformed bytes: a text is not UTF-8", e);
        }
    }

    /** Bytes with a 32-bit length, at most {@code bytesMax}. */
    public byte[] blob(int bytesMax) {
        int length = i32();
        if (length < 0 || length > bytesMax) {
            throw malformed("a field of " + (length & 0xffffffffL) + " bytes where at most " + bytesMax + " may stand");
        }
        return raw(length);
    }

    /** The next {@code length} bytes. */
    public byte[] raw(int length) {
        need(length);
        byte[] value = new byte[length];
        bytes.get(value);
        return value;
    }

    public int remaining() {
        return bytes.remaining();
    }

    /** Fails if anything is left: a longer message than this version knows is not this version's. */
    public void end() {
        if (bytes.hasRemaining()) {
            throw malformed(bytes.remaining() + " bytes too many");
        }
    }

    private void need(int length) {
        if (length < 0 || bytes.remaining() < length) {
            throw malformed("cut short");
        }
    }

    private static HearthException malformed(String what) {
        return new HearthException(FailureKind.INVALID, "malformed bytes: " + what);
    }
}
