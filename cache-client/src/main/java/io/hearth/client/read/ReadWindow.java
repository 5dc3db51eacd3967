package io.hearth.client.read;

import io.hearth.protocol.Geometry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Tells streams from random reads in one object, all who read it together, and says how far to go ahead of each. A
 * stream is known by its position alone: requests may come out of order, as the kernel's read-ahead sends them, and
 * several streams interleaved, as the threads of a loader send them. Its window is what its reader takes while bytes
 * are on their way, within what it has read so far and a bound. A read that is of no stream wants its chunk; a second
 * one in the same block wants the block. Not thread-safe.
 */
final class ReadWindow {
    /** How far out of order a stream's requests may come: the kernel has at most 12 of 128 KiB under way. */
    private static final long SLACK_BYTES = 2 << 20;

    /**
     * A stream that did not start at the object's start counts as one beyond this: the kernel reads as much around one
     * fault of a mapping, where a mount has it read ahead as far as it does by default.
     */
    private static final long AROUND_BYTES = 1 << 20;

    /** How many times as far as was read the bytes are hinted, where reading began at the object's start. */
    static final int HINT_FACTOR = 16;

    /** The same elsewhere: a tensor, or a piece of a file, ends sooner. */
    private static final int HINT_FACTOR_WITHIN = 4;

    /** A connection's block at 32 MB/s; nothing that was measured lately makes the windows smaller than this does. */
    private static final long LATENCY_NS_MIN = 250_000_000;

    /** Twice for two blocks one after the other, twice for a rate that varies. */
    private static final int WINDOW_LATENCIES = 4;

    /** A read that took less waited for nothing. */
    private static final long WAIT_NS_MIN = 10_000_000;

    /** A stream that is not read for this long leaves its share of the bounds to others. */
    private static final long ACTIVE_NS = 2_000_000_000;

    /** What was hinted may have been dropped or evicted since. */
    private static final long HINTED_NS = 60_000_000_000L;

    private final long objectBytes;
    private final int cursorsMax;
    private final List<Cursor> cursors = new ArrayList<>();
    private final BitSet hinted = new BitSet();
    private final BitSet touched = new BitSet();
    private long hintedFromNs;
    private long latencyNs = LATENCY_NS_MIN;

    /** @param cursorsMax streams that are told apart; of more, the one unused for longest is forgotten */
    ReadWindow(long objectBytes, int cursorsMax) {
        this.objectBytes = objectBytes;
        this.cursorsMax = cursorsMax;
    }

    /**
     * How far ahead of one stream may be gone.
     *
     * @param chunksMax chunks that may be read ahead
     * @param factor how many times as far as was read
     * @param hintBytesMax bytes that a cache may be told of; 0 for none
     */
    record Bounds(int chunksMax, int factor, long hintBytesMax) {
        /** Nothing beside the read itself. */
        static final Bounds NONE = new Bounds(0, 1, 0);
    }

    /**
     * What to do beside a read.
     *
     * @param aheadFrom first chunk to read ahead
     * @param aheadTo end of the chunks to read ahead; not above {@code aheadFrom} for none
     * @param hint bytes that a cache should be told of
     * @param block the block around a random read that is not the first one there
     * @param pace to be told of the end of the read
     */
    record Plan(boolean stream, int aheadFrom, int aheadTo, Optional<Range> hint, Optional<Range> block, Pace pace) {}

    /** Bytes from {@code from} on, up to {@code to}. */
    record Range(long from, long to) {}

    /**
     * Notes that a read of {@code length} bytes, at least one, at {@code offset} begins; {@link #ended} must follow.
     */
    Plan begin(long offset, int length, long nowNs, Bounds bounds) {
        forget(nowNs);
        Cursor cursor = cursorOf(offset);
        cursor.next = Math.max(cursor.next, offset + length);
        cursor.bytes += length;
        cursor.usedNs = nowNs;
        cursor.pace.begins(nowNs);
        int nextChunk = Geometry.chunkOf(cursor.next - 1) + 1;
        long progress = Math.min(cursor.bytes, cursor.next - cursor.start); // A sparse reader is no stream.
        cursor.stream = cursor.start == 0 || cursor.reads > 1 && progress > AROUND_BYTES;
        if (!cursor.stream) {
            Optional<Range> block = blockAgain(offset, length);
            return new Plan(false, nextChunk, nextChunk, Optional.empty(), block, cursor.pace);
        }
        long window = windowBytes(cursor.pace);
        int end = end(nextChunk, Math.min(window, progress * bounds.factor()), bounds.chunksMax());
        Optional<Range> hint = hint(cursor, progress, Math.min(window, bounds.hintBytesMax()));
        return new Plan(true, nextChunk, end, hint, Optional.empty(), cursor.pace);
    }

    /** Notes that a read has ended, well or not. */
    void ended(Plan plan, int length, long startNs, long nowNs) {
        plan.pace().ends(length, nowNs);
        long tookNs = nowNs - startNs;
        if (tookNs >= WAIT_NS_MIN) {
            long slowlyLess = latencyNs - (latencyNs - tookNs) / 16;
            latencyNs = Math.max(LATENCY_NS_MIN, Math.max(tookNs, slowlyLess));
        }
    }

    /** Streams that were read lately and have not come to the end. */
    int streams(long nowNs) {
        return (int) cursors.stream()
                .filter(cursor -> cursor.stream && cursor.next < objectBytes && nowNs - cursor.usedNs < ACTIVE_NS)
                .count();
    }

    private void forget(long nowNs) {
        if (hinted.isEmpty()) {
            hintedFromNs = nowNs;
        } else if (nowNs - hintedFromNs > HINTED_NS) {
            hinted.clear();
        }
    }

    /** What the reader takes while bytes are on their way; at least a block, which is one request. */
    private long windowBytes(Pace pace) {
        double bytes = pace.bytesPerSecond() * latencyNs / 1e9 * WINDOW_LATENCIES;
        return (long) Math.min(objectBytes, Math.max(Geometry.BLOCK_BYTES, bytes));
    }

    private int end(int nextChunk, long bytes, int chunksMax) {
        int window = (int) Math.min(chunksMax, (bytes + Geometry.CHUNK_BYTES - 1) / Geometry.CHUNK_BYTES);
        int end = (int) Math.min((long) nextChunk + window, Geometry.chunks(objectBytes));
        int border = end / Geometry.CHUNKS_PER_BLOCK * Geometry.CHUNKS_PER_BLOCK;
        // Whole blocks once the window holds one: a chunk at a time would be a request at a time.
        boolean whole = window >= Geometry.CHUNKS_PER_BLOCK && end < Geometry.chunks(objectBytes);
        return whole ? Math.max(border, nextChunk) : end;
    }

    private Optional<Range> hint(Cursor cursor, long progress, long bytesMax) {
        int factor = cursor.start == 0 ? HINT_FACTOR : HINT_FACTOR_WITHIN;
        return progress < Geometry.CHUNK_BYTES
                ? Optional.empty()
                : ahead(cursor.next, Math.min(bytesMax, progress * factor));
    }

    /** What a cache should be told of beyond {@code next}, up to so many bytes on, that it was not told of. */
    Optional<Range> ahead(long next, long bytes) {
        if (bytes == 0 || next >= objectBytes) {
            return Optional.empty();
        }
        long reach = Math.min(objectBytes, next + bytes);
        int first = hinted.nextClearBit(Geometry.blockOf(next) + 1);
        int last = Geometry.blockOf(reach - 1);
        if (first > last) {
            return Optional.empty();
        }
        int after = hinted.nextSetBit(first);
        int end = after < 0 ? last + 1 : Math.min(after, last + 1);
        hinted.set(first, end);
        return Optional.of(new Range(Geometry.blockOffset(first), Math.min(objectBytes, Geometry.blockOffset(end))));
    }

    /** The block of a random read in which other chunks were read before; once. */
    private Optional<Range> blockAgain(long offset, int length) {
        int first = Geometry.chunkOf(offset);
        int block = Geometry.blockOf(offset);
        int before = touched.get(blockStart(block), blockStart(block + 1)).cardinality();
        boolean known = touched.get(first);
        touched.set(first, Geometry.chunkOf(offset + length - 1) + 1);
        if (before == 0 || before == 1 && known || hinted.get(block)) {
            return Optional.empty();
        }
        hinted.set(block);
        long start = Geometry.blockOffset(block);
        return Optional.of(new Range(start, Math.min(objectBytes, start + Geometry.BLOCK_BYTES)));
    }

    private static int blockStart(int block) {
        return block * Geometry.CHUNKS_PER_BLOCK;
    }

    /** The cursor that this read continues, else a new one in place of the one unused for longest. */
    private Cursor cursorOf(long offset) {
        Cursor found = null;
        for (Cursor cursor : cursors) {
            boolean near = Math.abs(offset - cursor.next) <= SLACK_BYTES;
            if (near && (found == null || Math.abs(offset - cursor.next) < Math.abs(offset - found.next))) {
                found = cursor;
            }
        }
        if (found == null) {
            found = new Cursor(offset);
            if (cursors.size() == cursorsMax) {
                cursors.remove(cursors.size() - 1);
            }
        } else {
            cursors.remove(found);
        }
        found.start = Math.min(found.start, offset);
        found.reads++;
        cursors.add(0, found);
        return found;
    }

    private static final class Cursor {
        private final Pace pace = new Pace();
        private long start;
        private long next;
        private long bytes;
        private long usedNs;
        private int reads;
        private boolean stream;

        Cursor(long offset) {
            this.start = offset;
            this.next = offset;
        }
    }
}
