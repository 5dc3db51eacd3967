package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;
import org.roaringbitmap.PeekableIntIterator;

/** Copies the good chunks of one file of an object to another one. */
final class Renewal {
    private Renewal() {}

    /**
     * Copies every chunk that still has the bytes it was written with. Blocks. Both files are held by the caller.
     *
     * @param cover makes room for a block of {@code to}, or says that there is none: its chunks are left out
     * @throws HearthException as {@link ObjectFile#write}
     */
    static void copy(ObjectFile from, ObjectFile to, IntPredicate cover) {
        ByteBuffer bytes = ByteBuffer.allocate(from.layout().chunkBytes());
        PeekableIntIterator chunks = from.chunks().getIntIterator();
        while (chunks.hasNext()) {
            int chunk = chunks.next();
            from.verify(chunk, bytes);
            OptionalInt crc = from.crc(chunk);
            if (crc.isPresent() && cover.test(ChunkLayout.blockOf(chunk))) {
                copy(from, to, chunk, crc.getAsInt(), bytes);
            }
        }
    }

    /** Compared once more, with what was read for the copy: the file that is copied has a bad chunk already. */
    private static void copy(ObjectFile from, ObjectFile to, int chunk, int crc, ByteBuffer bytes) {
        bytes.clear().limit(from.layout().length(chunk));
        try {
            from.read(from.layout().offset(chunk), bytes);
        } catch (HearthException e) {
            if (e.kind() != FailureKind.CORRUPT && e.kind() != FailureKind.INTERNAL) {
                throw e;
            }
            return;
        }
        CRC32C found = new CRC32C();
        found.update(bytes.flip());
        if ((int) found.getValue() == crc) {
            to.write(chunk, bytes.rewind(), crc);
        }
    }
}
