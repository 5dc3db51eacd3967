package io.hearth.worker.net;

import io.hearth.protocol.Geometry;
import java.util.stream.IntStream;

/**
 * The chunks that one request asks for, which tells a random reader from a stream: a stream asks for the next one as
 * well.
 *
 * @param last included
 */
record AskedChunks(int first, int last) {
    /** Those of the bytes from {@code offset} up to {@code end}, which are some. */
    static AskedChunks of(long offset, long end) {
        return new AskedChunks(Geometry.chunkOf(offset), Geometry.chunkOf(end - 1));
    }

    IntStream all() {
        return IntStream.rangeClosed(first, last);
    }

    /** Whether no other chunk of its block is asked for. */
    boolean alone(int chunk) {
        int block = chunk / Geometry.CHUNKS_PER_BLOCK * Geometry.CHUNKS_PER_BLOCK;
        return Math.max(first, block) == Math.min(last, block + Geometry.CHUNKS_PER_BLOCK - 1);
    }
}
