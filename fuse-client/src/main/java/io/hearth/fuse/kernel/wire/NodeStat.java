package io.hearth.fuse.kernel.wire;

/**
 * What {@code stat} shows of a node.
 *
 * @param displayInode {@code st_ino}
 * @param modifiedMs milliseconds since 1970; of a file also its time of birth, since objects are written whole
 */
public record NodeStat(long displayInode, boolean directory, long sizeBytes, long modifiedMs, int uid, int gid) {
    private static final int DIRECTORY_TYPE = 0040000;
    private static final int FILE_TYPE = 0100000;

    int mode() {
        return directory ? DIRECTORY_TYPE | 0555 : FILE_TYPE | 0444;
    }

    long blocks() {
        return (sizeBytes >>> 9) + ((sizeBytes & 511) == 0 ? 0 : 1);
    }

    long seconds() {
        return Math.floorDiv(modifiedMs, 1000L);
    }

    int nanos() {
        return (int) Math.floorMod(modifiedMs, 1000L) * 1_000_000;
    }
}
