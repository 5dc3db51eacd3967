package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.roaringbitmap.RoaringBitmap;

/**
 * Which chunks of one file count, in memory: present in the log, verified in this life, read back under a lease; and whether
 * the file's bytes may still change. Thread-safe; each method is one step, and none does I/O.
 */
final class ChunkStates {
    private final ObjectRef object;
    private final ChunkLayout layout;
    private final int[] crcs;
    private final RoaringBitmap present = new RoaringBitmap();
    private final RoaringBitmap verified = new RoaringBitmap();
    private final List<RoaringBitmap> readBacks = new ArrayList<>(1);
    private long residentBytes;
    private boolean sealed;
    private boolean condemned;

    ChunkStates(ObjectRef object, ChunkLayout layout, boolean sealed) {
        this.object = object;
        this.layout = layout;
        this.crcs = new int[layout.chunks()];
        this.sealed = sealed;
    }

    /** What the log says of an earlier life. */
    synchronized void restored(int chunk, int crc) {
        add(chunk, crc);
    }

    /** The chunk's bytes and record are written. */
    synchronized void written(int chunk, int crc) {
        requireGood();
        add(chunk, crc);
        verified.add(chunk);
    }

    private void add(int chunk, int crc) {
        crcs[chunk] = crc;
        residentBytes += present.checkedAdd(chunk) ? layout.length(chunk) : 0;
    }

    /** The log says that the chunk counts no more. */
    synchronized void removed(int chunk) {
        verified.remove(chunk);
        readBacks.forEach(chunks -> chunks.remove(chunk));
        residentBytes -= present.checkedRemove(chunk) ? layout.length(chunk) : 0;
    }

    /** The chunk went bad. */
    synchronized void rotted(int chunk) {
        condemned |= sealed;
        removed(chunk);
    }

    /** @throws HearthException {@link FailureKind#INTERNAL} if the file is condemned: nothing is written to it any more */
    synchronized void requireGood() {
        if (condemned) {
            throw new HearthException(
                    FailureKind.INTERNAL, object + " had a bad chunk and is made anew: ask for it again");
        }
    }

    /**
     * Compares what was read of a chunk; one that is present and right is ready from now on.
     *
     * @param readBack learns of a chunk that is right, in the same step
     */
    synchronized Confirmation confirm(int chunk, OptionalInt found, List<RoaringBitmap> readBack) {
        if (!present.contains(chunk) || found.isEmpty() || found.getAsInt() != crcs[chunk]) {
            return Confirmation.WRONG;
        }
        readBack.forEach(chunks -> chunks.add(chunk));
        return verified.checkedAdd(chunk) ? Confirmation.FIRST : Confirmation.AGAIN;
    }

    /** What came of a comparison. */
    enum Confirmation {
        WRONG,
        /** Right, for the first time in this life. */
        FIRST,
        AGAIN
    }

    /** Somebody else changed the file: every chunk is checked again. */
    synchronized void distrust() {
        verified.clear();
        readBacks.forEach(RoaringBitmap::clear);
    }

    /** Lets no chunk be present any more, nor come. */
    synchronized void disown() {
        condemned = true;
        present.clear();
        residentBytes = 0;
        distrust();
    }

    synchronized void seal() {
        sealed = true;
    }

    synchronized boolean sealed() {
        return sealed;
    }

    synchronized boolean condemned() {
        return condemned;
    }

    synchronized long residentBytes() {
        return residentBytes;
    }

    synchronized boolean whole() {
        return residentBytes == layout.sizeBytes();
    }

    synchronized boolean wholeAndReady() {
        return verified.getCardinality() == layout.chunks();
    }

    synchronized boolean has(int chunk) {
        return present.contains(chunk);
    }

    synchronized boolean ready(int chunk) {
        return verified.contains(chunk);
    }

    /** Whether nothing is to be learnt by reading the chunk: it is absent, or ready already. */
    synchronized boolean settled(int chunk) {
        return verified.contains(chunk) || !present.contains(chunk);
    }

    /** A copy of the set of present chunks. */
    synchronized RoaringBitmap present() {
        return present.clone();
    }

    /** A copy of the set of ready chunks. */
    synchronized RoaringBitmap verified() {
        return verified.clone();
    }

    synchronized boolean within(RoaringBitmap others) {
        return others.contains(present);
    }

    synchronized OptionalInt crc(int chunk) {
        return verified.contains(chunk) ? OptionalInt.of(crcs[chunk]) : OptionalInt.empty();
    }

    /** From now on a chunk leaves {@code readBack} in the step in which it stops being ready. */
    synchronized void watch(RoaringBitmap readBack) {
        readBacks.add(readBack);
    }

    synchronized void unwatch(RoaringBitmap readBack) {
        readBacks.removeIf(known -> known == readBack);
    }

    synchronized RoaringBitmap copy(RoaringBitmap readBack) {
        return readBack.clone();
    }

    synchronized void clear(RoaringBitmap readBack) {
        readBack.clear();
    }

    /** What is read back is ready, always: both marks go in one step. */
    synchronized Lease.Standing standing(RoaringBitmap readBack, RoaringBitmap wanted, RoaringBitmap newcomers) {
        return new Lease.Standing(
                commonBytes(verified, wanted), commonBytes(readBack, wanted), commonBytes(verified, newcomers));
    }

    private long commonBytes(RoaringBitmap some, RoaringBitmap others) {
        long chunks = RoaringBitmap.andCardinality(some, others);
        int last = layout.chunks() - 1;
        boolean withLast = chunks > 0 && some.contains(last) && others.contains(last);
        return chunks * layout.chunkBytes() - (withLast ? layout.chunkBytes() - layout.length(last) : 0);
    }
}
