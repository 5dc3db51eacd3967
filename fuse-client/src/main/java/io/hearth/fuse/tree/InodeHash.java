package io.hearth.fuse.tree;

/**
 * 63-bit hashes for inode numbers: FNV-1a over the bytes, finished as in SplitMix64 (Steele, Lea, Flood 2014). Never
 * negative.
 *
 * @param mask bits that are kept; less than all of them in tests of collisions alone
 */
record InodeHash(long mask) {
    static final InodeHash ALL_BITS = new InodeHash(-1);

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /** Of a path: {@code st_ino}. @param parent hash of the directory's path, or the root's number */
    long path(long parent, byte[] bytes, int from, int to) {
        return kept(mix(start(parent), bytes, from, to));
    }

    /** Of a directory. @param path hash of its path */
    long directory(long path) {
        return kept(mix(start(~path)));
    }

    /** Of one version of a file. @param path hash of its path */
    long version(long path, long sizeBytes, byte[] validator) {
        return kept(mix(mix(start(~path) + sizeBytes, validator, 0, validator.length)));
    }

    /** Another number in place of one that is taken. */
    long next(long taken) {
        return kept(taken + 1) & Long.MAX_VALUE;
    }

    private long kept(long hash) {
        return hash & mask;
    }

    private static long start(long seed) {
        return finish(seed ^ FNV_OFFSET);
    }

    private static long mix(long state) {
        return finish(state) >>> 1;
    }

    private static long mix(long state, byte[] bytes, int from, int to) {
        long hash = state;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
        }
        return mix(hash);
    }

    private static long finish(long state) {
        long hash = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ hash >>> 27) * 0x94d049bb133111ebL;
        return hash ^ hash >>> 31;
    }
}
