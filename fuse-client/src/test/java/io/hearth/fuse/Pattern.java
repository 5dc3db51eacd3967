package io.hearth.fuse;

import java.nio.ByteBuffer;

/** Bytes of any object without storing them: a hash of seed and position, so that no two versions share a page. */
public final class Pattern {
    private Pattern() {}

    static byte at(long seed, long offset) {
        long word = (offset >>> 3) * 0x9e3779b97f4a7c15L + seed * 0xbf58476d1ce4e5b9L;
        word = (word ^ word >>> 30) * 0x94d049bb133111ebL;
        word ^= word >>> 31;
        return (byte) (word >>> ((offset & 7) << 3));
    }

    static void fill(long seed, long offset, ByteBuffer target) {
        for (long position = offset; target.hasRemaining(); position++) {
            target.put(at(seed, position));
        }
    }

    public static byte[] bytes(long seed, long offset, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        fill(seed, offset, bytes);
        return bytes.array();
    }
}
