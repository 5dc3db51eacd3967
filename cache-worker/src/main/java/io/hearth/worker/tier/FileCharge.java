package io.hearth.worker.tier;

import org.roaringbitmap.RoaringBitmap;

/**
 * What one file takes of its tier's quota: the blocks that it may have on disk. A block is covered before its first
 * byte is written, and until its bytes are freed. Not thread-safe: {@link FileUse} guards it.
 */
final class FileCharge {
    private final ChunkLayout layout;
    private final BlockSet covered = new BlockSet();
    private long coveredBytes;

    FileCharge(ChunkLayout layout) {
        this.layout = layout;
    }

    long bytes() {
        return Tier.chargeBytes(layout.sizeBytes(), coveredBytes);
    }

    boolean covers(int block) {
        return covered.contains(block);
    }

    RoaringBitmap covered() {
        return covered.toBitmap();
    }

    /** What {@link #bytes} would be with these blocks as well. */
    long bytesWith(RoaringBitmap blocks) {
        long moreBytes = 0;
        for (int block : blocks) {
            moreBytes += covered.contains(block) ? 0 : layout.blockLength(block);
        }
        return Tier.chargeBytes(layout.sizeBytes(), coveredBytes + moreBytes);
    }

    void add(RoaringBitmap blocks) {
        for (int block : blocks) {
            coveredBytes += covered.contains(block) ? 0 : layout.blockLength(block);
            covered.add(block);
        }
    }

    void remove(RoaringBitmap blocks) {
        for (int block : blocks) {
            coveredBytes -= covered.contains(block) ? layout.blockLength(block) : 0;
            covered.remove(block);
        }
    }
}
