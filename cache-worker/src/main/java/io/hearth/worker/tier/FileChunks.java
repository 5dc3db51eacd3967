package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.worker.tier.ChunkStates.Confirmation;
import io.hearth.worker.tier.MetaFormat.ChunkRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import org.roaringbitmap.RoaringBitmap;

/**
 * What is done to the chunks of one file, in the one order that a crash may cut anywhere: data, then record, then bit.
 * Records are written and bits taken under the file's lock. Thread-safe; every method blocks, for a caller who holds
 * the file.
 */
final class FileChunks {
    /** 16 bytes each: 192 KiB of log for 1 GiB that came and went six times. */
    private static final int LOG_RECORDS_PER_CHUNK = 12;

    private static final int LOG_RECORDS_MIN = 4096;

    private final Tier tier;
    private final TierEvents events;
    private final ObjectId id;
    private final ChunkLayout layout;
    private final ChunkLog log;
    private final ChunkStates states;
    private final Object changes;

    /** @param changes the file's lock */
    FileChunks(Tier tier, ObjectId id, ChunkLayout layout, ChunkLog log, ChunkStates states, Object changes) {
        this.tier = tier;
        this.events = tier.environment().events();
        this.id = id;
        this.layout = layout;
        this.log = log;
        this.states = states;
        this.changes = changes;
    }

    /** As {@link ObjectFile#write}. */
    void write(FileHandles open, int chunk, ByteBuffer bytes, int crc) {
        if (states.has(chunk)) {
            return;
        }
        states.writing(chunk);
        try {
            open.data().write(bytes, layout.offset(chunk));
            synchronized (changes) {
                log.append(open.meta(), new ChunkRecord(MetaFormat.SET, chunk, crc));
                states.written(chunk, crc);
            }
        } catch (IOException e) {
            throw TierFailures.of(e, tier.dataPath(id));
        }
        events.residencyChanged(id);
    }

    /** Whether so much was written and taken back that the file should leave as a whole, and its log with it. */
    boolean logTooLong() {
        return log.records() > LOG_RECORDS_MIN + (long) LOG_RECORDS_PER_CHUNK * layout.chunks();
    }

    /**
     * Takes the block's bits durably, then frees its bytes. Under the lock {@code changes}, while nobody holds the
     * file.
     *
     * @throws HearthException if one of both fails; bits that are gone stay gone
     */
    void free(FileHandles open, int block) {
        long residentBytes = 0;
        try {
            for (int chunk : states.present(block)) {
                log.append(open.meta(), new ChunkRecord(MetaFormat.CLEAR, chunk, 0));
                states.removed(chunk);
                residentBytes += layout.length(chunk);
            }
            punch(block);
        } catch (IOException e) {
            throw TierFailures.of(e, tier.metaPath(id));
        } finally {
            events.blockEvicted(residentBytes);
            events.residencyChanged(id);
        }
    }

    /** Frees the bytes of a block without a present chunk, while nobody holds the file. */
    void punch(int block) {
        try {
            long offset = layout.offset(ChunkLayout.firstChunk(block));
            tier.environment().io().punch(tier.dataPath(id), offset, layout.blockLength(block));
            states.freed(block);
        } catch (IOException e) {
            throw TierFailures.of(e, tier.dataPath(id));
        } catch (UnsupportedOperationException e) {
            HearthException why = new HearthException(FailureKind.INTERNAL, String.valueOf(e.getMessage()), e);
            tier.punchesNot(why);
            throw why;
        }
    }

    /** As {@link ObjectFile#prepareHuge}. */
    void prepareHuge(int block) {
        if (!tier.hugeBlocks().begin()) {
            return;
        }
        try {
            states.writing(ChunkLayout.firstChunk(block)); // It takes memory from here on, and is charged for it.
        } catch (HearthException e) {
            tier.hugeBlocks().giveUp();
            throw e;
        }
        tier.hugeBlocks()
                .prepare(tier.dataPath(id), layout.offset(ChunkLayout.firstChunk(block)), layout.blockLength(block));
    }

    /** As {@link ObjectFile#verify}. */
    boolean verify(FileHandles open, int chunk, ByteBuffer scratch) {
        if (states.settled(chunk)) {
            return states.ready(chunk);
        }
        if (right(open, chunk, scratch, List.of())) {
            return true;
        }
        synchronized (changes) {
            if (!states.settled(chunk)) {
                drop(open, chunk);
            }
            return states.ready(chunk);
        }
    }

    /** As {@link Lease#recheck}. */
    boolean recheck(FileHandles open, int chunk, ByteBuffer scratch, List<RoaringBitmap> readBack) {
        if (right(open, chunk, scratch, readBack)) {
            return true;
        }
        synchronized (changes) {
            // A chunk may have been dropped and written anew while it was read; here, nobody can drop it any more, so
            // nobody writes it.
            if (!states.has(chunk)) {
                return false;
            }
            if (right(open, chunk, scratch, readBack)) {
                return true;
            }
            drop(open, chunk);
            return false;
        }
    }

    private boolean right(FileHandles open, int chunk, ByteBuffer scratch, List<RoaringBitmap> readBack) {
        OptionalInt found = ChunkChecks.crc(open.data(), layout, chunk, scratch);
        Confirmation outcome = states.confirm(chunk, found, readBack);
        if (outcome == Confirmation.FIRST) {
            events.verified();
        }
        return outcome != Confirmation.WRONG;
    }

    /** Takes the chunk's bit and marks. Under the lock {@code changes}, which keeps it from being shown meanwhile. */
    private void drop(FileHandles open, int chunk) {
        try {
            log.append(open.meta(), new ChunkRecord(MetaFormat.CLEAR, chunk, 0));
        } catch (IOException e) {
            // The bit goes all the same; the next life would find the same mismatch.
            tier.warn("cannot log that a bad chunk was dropped", TierFailures.of(e, tier.metaPath(id)));
        }
        states.rotted(chunk);
        events.corrupt();
        events.residencyChanged(id);
    }

    /** @throws HearthException if the mark cannot be written */
    void seal(FileHandles open) {
        synchronized (changes) {
            if (states.sealed()) {
                return;
            }
            try {
                log.append(open.meta(), new ChunkRecord(MetaFormat.SEAL, 0, 0));
            } catch (IOException e) {
                throw TierFailures.of(e, tier.metaPath(id));
            }
            states.seal();
        }
    }
}
