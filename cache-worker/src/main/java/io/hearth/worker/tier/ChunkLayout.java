package io.hearth.worker.tier;

import io.hearth.protocol.Geometry;
import org.roaringbitmap.RoaringBitmap;

/** How one object is cut into chunks; {@link io.hearth.protocol.Geometry} with a chunk size that tests can lower. */
public record ChunkLayout(long sizeBytes, int chunkBytes) {
    /** Number of chunks. */
    public int chunks() {
        return Math.toIntExact((sizeBytes + chunkBytes - 1) / chunkBytes);
    }

    /** Offset of the chunk's first byte. */
    public long offset(int chunk) {
        return (long) chunk * chunkBytes;
    }

    /** Length of the chunk; the last one may be short. */
    public int length(int chunk) {
        return (int) Math.min(chunkBytes, sizeBytes - offset(chunk));
    }

    /** Number of blocks: a block has {@link Geometry#CHUNKS_PER_BLOCK} chunks. */
    public int blocks() {
        return (chunks() + Geometry.CHUNKS_PER_BLOCK - 1) / Geometry.CHUNKS_PER_BLOCK;
    }

    /** Every block. */
    RoaringBitmap allBlocks() {
        return RoaringBitmap.bitmapOfRange(0, blocks());
    }

    /** The block that the chunk is in. */
    public static int blockOf(int chunk) {
        return chunk / Geometry.CHUNKS_PER_BLOCK;
    }

    /** The block's first chunk. */
    public static int firstChunk(int block) {
        return block * Geometry.CHUNKS_PER_BLOCK;
    }

    /** The chunk after the block's last. */
    public int endChunk(int block) {
        return Math.min(firstChunk(block + 1), chunks());
    }

    /** Length of the block; the last one may be short. */
    public long blockLength(int block) {
        return Math.min(offset(firstChunk(block + 1)), sizeBytes) - offset(firstChunk(block));
    }

    /** The chunk that holds the byte at {@code offset}. */
    public int chunkOf(long offset) {
        return Math.toIntExact(offset / chunkBytes);
    }
}
