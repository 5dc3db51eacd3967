package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/** Reads one chunk of a file for its checksum. */
final class ChunkChecks {
    private ChunkChecks() {}

    /**
     * CRC32C of the bytes that stand at the chunk's place; empty if they cannot be read. Blocks.
     *
     * @param scratch read into, of any size above 0
     */
    static OptionalInt crc(TierIo.Handle data, ChunkLayout layout, int chunk, ByteBuffer scratch) {
        CRC32C crc = new CRC32C();
        long at = layout.offset(chunk);
        long end = at + layout.length(chunk);
        try {
            while (at < end) {
                scratch.clear().limit((int) Math.min(scratch.capacity(), end - at));
                int count = data.read(scratch, at);
                if (count <= 0) {
                    return OptionalInt.empty();
                }
                crc.update(scratch.flip());
                at += count;
            }
        } catch (IOException e) {
            return OptionalInt.empty();
        }
        return OptionalInt.of((int) crc.getValue());
    }
}
