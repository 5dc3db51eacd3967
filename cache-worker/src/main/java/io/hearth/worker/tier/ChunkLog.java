package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.worker.tier.MetaFormat.ChunkRecord;
import io.hearth.worker.tier.MetaFormat.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The metadata file of one object: where its next record goes. Not thread-safe: the file's lock orders records. */
final class ChunkLog {
    private final Header header;
    private long end;

    ChunkLog(Header header) {
        this.header = header;
        this.end = header.bytes();
    }

    Header header() {
        return header;
    }

    /** Blocks. */
    void append(TierIo.Handle meta, ChunkRecord next) throws IOException {
        meta.write(MetaFormat.record(header.crc(), next), end);
        end += MetaFormat.RECORD_BYTES;
    }

    /** Records written so far, those that others undid included. */
    long records() {
        return (end - header.bytes()) / MetaFormat.RECORD_BYTES;
    }

    /** Position of the next record. */
    long end() {
        return end;
    }

    /**
     * Reads the header, by one read with as many records as {@code buffer} takes; it is left at the first record.
     * Blocks.
     *
     * @param buffer of more than {@link MetaFormat#HEADER_BYTES_MAX} bytes
     * @throws HearthException as {@link MetaFormat#parse}
     */
    static ChunkLog read(TierIo.Handle meta, ObjectId id, int chunkBytes, long logBytes, ByteBuffer buffer)
            throws IOException {
        fill(buffer, meta, 0, logBytes);
        Header header =
                MetaFormat.parse(buffer.slice(0, Math.min(MetaFormat.HEADER_BYTES_MAX, buffer.limit())), chunkBytes);
        if (!header.object().id().equals(id)) {
            throw new HearthException(FailureKind.CORRUPT, "the file's name is not its object's id");
        }
        buffer.position(header.bytes());
        return new ChunkLog(header);
    }

    /**
     * Reads all sound records. Blocks.
     *
     * @param buffer what was read of the log, at its first record
     */
    void replay(ByteBuffer buffer, TierIo.Handle meta, long logBytes, ChunkLayout layout, ChunkStates states)
            throws IOException {
        while (buffer.remaining() >= MetaFormat.RECORD_BYTES) {
            Optional<ChunkRecord> next = MetaFormat.readRecord(header, buffer, layout.chunks());
            if (next.isEmpty()) {
                return;
            }
            apply(next.get(), states);
            end += MetaFormat.RECORD_BYTES;
            if (buffer.remaining() < MetaFormat.RECORD_BYTES && end + MetaFormat.RECORD_BYTES <= logBytes) {
                fill(buffer, meta, end, logBytes);
            }
        }
    }

    private static void fill(ByteBuffer buffer, TierIo.Handle meta, long from, long to) throws IOException {
        meta.read(buffer.clear().limit((int) Math.min(buffer.capacity(), to - from)), from);
        buffer.flip();
    }

    private static void apply(ChunkRecord next, ChunkStates states) {
        if (next.type() == MetaFormat.SEAL) {
            states.seal();
        } else if (next.type() == MetaFormat.SET) {
            states.restored(next.chunk(), next.crc());
        } else {
            states.removed(next.chunk());
        }
    }
}
