package io.hearth.worker.tier;

import java.nio.ByteBuffer;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/**
 * Keeps one file from being evicted for room until it ends, and knows which of the file's chunks were read back under
 * it. Holds nothing open. Thread-safe.
 */
public final class Lease implements AutoCloseable {
    private final ObjectFile file;
    private final ChunkStates states;
    /** Guarded by the file's states, which take a chunk out in the same step in which they drop it. */
    private final RoaringBitmap readBack = new RoaringBitmap();

    Lease(ObjectFile file, ChunkStates states) {
        this.file = file;
        this.states = states;
    }

    public ObjectFile file() {
        return file;
    }

    /**
     * Reads a present chunk from the file again, whether or not it counts as verified, and compares it with its CRC32C.
     * One that differs, or cannot be read, is dropped durably, for every reader. Blocks. The caller holds the file.
     *
     * @param scratch read into, of any size above 0
     * @return whether the chunk was here and is right
     */
    public boolean recheck(int chunk, ByteBuffer scratch) {
        return file.recheck(chunk, scratch, List.of(readBack));
    }

    /**
     * The chunks that {@link #recheck} found right since {@link #startOver}, and that were not dropped since: a copy.
     */
    RoaringBitmap chunksReadBack() {
        return states.copy(readBack);
    }

    /**
     * How much of the chunks is ready, in one look that copies nothing: a share has 8192 files, and a master asks twice
     * a second.
     *
     * @param wanted chunks; @param newcomers those of them to be counted apart
     */
    public Standing standing(RoaringBitmap wanted, RoaringBitmap newcomers) {
        return states.standing(readBack, wanted, newcomers);
    }

    /**
     * @param readyBytes of the wanted chunks that are ready
     * @param readBackBytes of these, what {@link #chunksReadBack} names
     * @param newcomerBytes of these, what was to be counted apart
     */
    public record Standing(long readyBytes, long readBackBytes, long newcomerBytes) {}

    /** Forgets what was read back. */
    public void startOver() {
        states.clear(readBack);
    }

    RoaringBitmap readBack() {
        return readBack;
    }

    /** Ends the lease; once more is no error. Never blocks. */
    @Override
    public void close() {
        file.end(this);
    }
}
