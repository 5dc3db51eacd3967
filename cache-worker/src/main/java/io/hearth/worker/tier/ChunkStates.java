package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * Which chunks of one file count, in memory: present in the log, verified in this life, read back under a lease; and
 * whether the file's bytes may still change. Thread-safe; each method is one step, and none does I/O.
 */
final class ChunkStates {
    private final ObjectRef object;
    private final ChunkLayout layout;
    private final int[] crcs;
    private final RoaringBitmap present = new RoaringBitmap();
    private final RoaringBitmap verified = new RoaringBitmap();
    /** Blocks of which bytes may be on disk, whether or not they count. */
    private final BlockSet writtenBlocks = new BlockSet();
    /** Blocks that were read since all of them were. */
    private final BlockSet readBlocks = new BlockSet();

    private final List<RoaringBitmap> readBacks = new ArrayList<>(0);
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

    /** Bytes of the chunk are about to be written. */
    synchronized void writing(int chunk) {
        requireGood();
        writtenBlocks.add(ChunkLayout.blockOf(chunk));
    }

    private void add(int chunk, int crc) {
        crcs[chunk] = crc;
        writtenBlocks.add(ChunkLayout.blockOf(chunk));
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

    /**
     * @throws HearthException {@link FailureKind#INTERNAL} if the file is condemned: nothing is written to it any more
     */
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

    /** A reader wants bytes of the block. */
    synchronized void read(int block) {
        readBlocks.add(block);
    }

    /** A copy of the set of blocks of which bytes may be on disk. */
    synchronized RoaringBitmap writtenBlocks() {
        return writtenBlocks.toBitmap();
    }

    /** The block's bytes are off the disk. */
    synchronized void freed(int block) {
        writtenBlocks.remove(block);
        readBlocks.remove(block);
    }

    /** Blocks that may have bytes on disk and have no present chunk. */
    synchronized List<Integer> emptiedBlocks() {
        return writtenBlocks.stream()
                .boxed()
                .filter(block -> present(block).length == 0)
                .toList();
    }

    /** The block's present chunks. */
    synchronized int[] present(int block) {
        return IntStream.range(ChunkLayout.firstChunk(block), layout.endChunk(block))
                .filter(present::contains)
                .toArray();
    }

    /**
     * Blocks in the order in which they should leave: without a present chunk first, then those that nobody read, then
     * the others; from the end on, as most readers begin at the start. When all that is left was read, all begin anew:
     * a second chance, as CLOCK gives it.
     */
    synchronized List<Integer> leaving() {
        Comparator<Integer> worth =
                Comparator.comparingInt(block -> present(block).length == 0 ? 0 : readBlocks.contains(block) ? 2 : 1);
        List<Integer> order = writtenBlocks.stream()
                .boxed()
                .sorted(worth.thenComparing(Comparator.reverseOrder()))
                .toList();
        if (readBlocks.containsAll(writtenBlocks)) {
            readBlocks.clear();
        }
        return order;
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
