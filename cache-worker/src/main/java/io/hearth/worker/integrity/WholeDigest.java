package io.hearth.worker.integrity;

import io.hearth.objectstore.ObjectChecksum.Algorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * A digest of a whole object, byte after byte.
 *
 * @param update takes the remaining bytes
 * @param value the digest, most significant byte first
 */
record WholeDigest(Consumer<ByteBuffer> update, Supplier<byte[]> value) {
    static WholeDigest of(Algorithm algorithm) {
        return switch (algorithm) {
            case CRC32C -> checksum(new CRC32C(), Integer.BYTES);
            case CRC32 -> checksum(new CRC32(), Integer.BYTES);
            case CRC64NVME -> checksum(new Crc64Nvme(), Long.BYTES);
            case SHA256 -> digest("SHA-256");
            case SHA1 -> digest("SHA-1");
            case MD5 -> digest("MD5");
        };
    }

    private static WholeDigest checksum(Checksum checksum, int bytes) {
        return new WholeDigest(checksum::update, () -> bytes(checksum.getValue(), bytes));
    }

    /** The lowest {@code bytes} bytes of the value, the highest of them first. */
    static byte[] bytes(long value, int bytes) {
        byte[] all = ByteBuffer.allocate(Long.BYTES).putLong(value).array();
        return java.util.Arrays.copyOfRange(all, Long.BYTES - bytes, Long.BYTES);
    }

    private static WholeDigest digest(String name) {
        try {
            MessageDigest digest = MessageDigest.getInstance(name);
            return new WholeDigest(digest::update, digest::digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + name, e);
        }
    }
}
