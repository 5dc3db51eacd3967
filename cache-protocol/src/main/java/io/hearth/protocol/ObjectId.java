package io.hearth.protocol;

import java.util.Arrays;
import java.util.HexFormat;

/** The 32-byte identity of one version of one object: SHA-256 over origin, key, validator and size. Immutable. */
public final class ObjectId implements Comparable<ObjectId> {
    /** Bytes of an id. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    private ObjectId(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws HearthException {@link FailureKind#INVALID} unless {@code bytes} has {@link #BYTES} bytes */
    public static ObjectId of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new HearthException(FailureKind.INVALID, "an object id has 32 bytes, not " + bytes.length);
        }
        return new ObjectId(bytes.clone());
    }

    /** Parses the 64 hexadecimal digits of {@link #toString()}. */
    public static ObjectId parse(String hex) {
        try {
            return of(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException e) {
            throw new HearthException(FailureKind.INVALID, "'" + hex + "' is no object id", e);
        }
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** The first eight bytes as a number: uniformly spread, for placement and hashing. */
    public long prefix() {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
    }

    @Override
    public int compareTo(ObjectId other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectId that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return (int) prefix();
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
