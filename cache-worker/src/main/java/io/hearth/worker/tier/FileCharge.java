package io.hearth.worker.tier;

import org.roaringbitmap.RoaringBitmap;

/**
 * What one file takes of its tier's quota: the blocks that it may have on disk. A block is covered before its first byte is
 * written, and until its bytes are freed. Not thread-safe: {@link FileUse} guards it.
 */
final class FileCharge {
    private final ChunkLayout layout;
    private final RoaringBitmap covered = new RoaringBitmap();
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
        return covered.clone();
    }

    /** What {@link #bytes} would be with these blocks as well. */
    long bytesWith(RoaringBitmap blocks) {
        return Tier.chargeBytes(layout.sizeBytes(), coveredBytes + lengths(RoaringBitmap.andNot(blocks, covered)));
    }

    void add(RoaringBitmap blocks) {
        coveredBytes += lengths(RoaringBitmap.andNot(blocks, covered));
        covered.or(blocks);
    }

    void remove(RoaringBitmap blocks) {
        coveredBytes -= lengths(RoaringBitmap.and(blocks, covered));
        covered.andNot(blocks);
    }

    private long lengths(RoaringBitmap blocks) {
        int last = layout.blocks() - 1;
        long fullBytes = layout.blockLength(0);
        long count = blocks.getCardinality();
        return blocks.contains(last) ? (count - 1) * fullBytes + layout.blockLength(last) : count * fullBytes;
    }
}
