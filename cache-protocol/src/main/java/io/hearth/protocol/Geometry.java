package io.hearth.protocol;

/** How an object is cut: blocks for the origin and for placement, chunks for checksums, residency and transfer. */
public final class Geometry {
    /** Bytes of a chunk: the unit of checksum, of the residency bitmap and of transfer. */
    public static final int CHUNK_BYTES = 1 << 20;

    /** Bytes of a block: the unit of an origin GET and of placement. */
    public static final int BLOCK_BYTES = 8 << 20;

    /** Chunks in a full block. */
    public static final int CHUNKS_PER_BLOCK = BLOCK_BYTES / CHUNK_BYTES;

    /** Largest object, 64 TiB: beyond the 48.8 TiB that S3 allows, and a chunk index still fits an int. */
    public static final long OBJECT_BYTES_MAX = 1L << 46;

    private Geometry() {}

    /** Number of chunks of an object of {@code sizeBytes}; 0 for an empty object. */
    public static int chunks(long sizeBytes) {
        return Math.toIntExact((sizeBytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
    }

    /** Number of blocks of an object of {@code sizeBytes}; 0 for an empty object. */
    public static int blocks(long sizeBytes) {
        return Math.toIntExact((sizeBytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
    }

    /** The chunk that holds the byte at {@code offset}. */
    public static int chunkOf(long offset) {
        return Math.toIntExact(offset / CHUNK_BYTES);
    }

    /** The block that holds the byte at {@code offset}. */
    public static int blockOf(long offset) {
        return Math.toIntExact(offset / BLOCK_BYTES);
    }

    /** Offset of the first byte of {@code chunk}. */
    public static long chunkOffset(int chunk) {
        return (long) chunk * CHUNK_BYTES;
    }

    /** Offset of the first byte of {@code block}. */
    public static long blockOffset(int block) {
        return (long) block * BLOCK_BYTES;
    }

    /** Length in bytes of {@code chunk} of an object of {@code sizeBytes}; the last chunk may be short. */
    public static int chunkLength(int chunk, long sizeBytes) {
        return (int) Math.min(CHUNK_BYTES, sizeBytes - chunkOffset(chunk));
    }

    /** Length in bytes of {@code block} of an object of {@code sizeBytes}; the last block may be short. */
    public static int blockLength(int block, long sizeBytes) {
        return (int) Math.min(BLOCK_BYTES, sizeBytes - blockOffset(block));
    }
}
