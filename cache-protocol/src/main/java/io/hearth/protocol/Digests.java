package io.hearth.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 over fields that are told apart by their lengths, so that no two field lists give the same input. */
public final class Digests {
    private final MessageDigest digest = sha256();

    private Digests() {}

    public static Digests start() {
        return new Digests();
    }

    public Digests field(String value) {
        return field(value.getBytes(StandardCharsets.UTF_8));
    }

    public Digests field(byte[] value) {
        field((long) value.length);
        digest.update(value);
        return this;
    }

    public Digests field(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            digest.update((byte) (value >>> shift));
        }
        return this;
    }

    /** The 32 bytes of the digest; ends this instance. */
    public byte[] finish() {
        return digest.digest();
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
