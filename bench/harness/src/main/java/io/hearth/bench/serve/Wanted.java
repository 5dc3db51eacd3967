package io.hearth.bench.serve;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.wire.MessageCodec;

/**
 * Which bytes of a resident object a reader asks for.
 *
 * @param readBytes of each request, from 1 to {@link MessageCodec#READ_BYTES_MAX}
 * @param spanBytes the object's first bytes, asked for again and again; a multiple of {@code readBytes}
 * @param requests under way at once
 */
record Wanted(int readBytes, long spanBytes, int requests) {
    /** The same chunk again and again. */
    static final Wanted HOT_CHUNK = new Wanted(Geometry.CHUNK_BYTES, Geometry.CHUNK_BYTES, 32);

    Wanted {
        if (readBytes < 1 || readBytes > MessageCodec.READ_BYTES_MAX || spanBytes % readBytes != 0 || requests < 1) {
            throw new IllegalArgumentException(readBytes + " of " + spanBytes + " bytes, " + requests + " at once");
        }
    }

    /** The whole object from its first byte to its last, a block a request. */
    static Wanted sequential(long sizeBytes) {
        return new Wanted(Geometry.BLOCK_BYTES, sizeBytes, 4);
    }

    /** Where the request after the one at {@code offset} begins. */
    long after(long offset) {
        return (offset + readBytes) % spanBytes;
    }
}
