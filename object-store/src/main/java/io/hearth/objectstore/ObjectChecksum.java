package io.hearth.objectstore;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A checksum of a whole object, as the store keeps it.
 *
 * @param value the digest's bytes, most significant first; not modified by anybody
 */
public record ObjectChecksum(Algorithm algorithm, byte[] value) {
    /** What stores keep, the cheapest to compare first. */
    public enum Algorithm {
        CRC32C,
        CRC64NVME,
        CRC32,
        SHA256,
        SHA1,
        MD5
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectChecksum that && algorithm == that.algorithm && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return algorithm + " " + HexFormat.of().formatHex(value);
    }
}
