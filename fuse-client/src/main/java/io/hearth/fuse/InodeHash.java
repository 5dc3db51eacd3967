package io.hearth.fuse;

/** 63-bit hashes for inode numbers: FNV-1a over the bytes, finished as in SplitMix64 (Steele, Lea, Flood 2014). */
final class InodeHash {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private InodeHash() {}

    static long start(long seed) {
        return finish(seed ^ FNV_OFFSET);
    }

    /** Never negative. */
    static long mix(long state, byte[] bytes) {
        long hash = state;
        for (byte value : bytes) {
            hash = (hash ^ (value & 0xff)) * FNV_PRIME;
        }
        return finish(hash) >>> 1;
    }

    private static long finish(long state) {
        long hash = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ hash >>> 27) * 0x94d049bb133111ebL;
        return hash ^ hash >>> 31;
    }
}
