package io.hearth.worker.tier;

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

    /** The chunk that holds the byte at {@code offset}. */
    public int chunkOf(long offset) {
        return Math.toIntExact(offset / chunkBytes);
    }
}
