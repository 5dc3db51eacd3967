package io.hearth.client.read;

import io.hearth.protocol.Geometry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Tells streams from random reads in one open object, and says how far to go ahead. A stream's window is what it has
 * read so far, up to a bound: at worst as much is read in vain as was read. Requests of one stream may come out of
 * order, as the kernel's read-ahead sends them. Not thread-safe.
 */
final class ReadWindow {
    /** How far out of order a stream's requests may come: the kernel has at most 12 of 128 KiB under way. */
    private static final long SLACK_BYTES = 2 << 20;

    /** A stream that did not start at the object's start counts as one from here on. */
    private static final long STREAM_BYTES_MIN = 256 << 10;

    /** How many times as far as was read the bytes are hinted. */
    static final int HINT_FACTOR = 16;

    private final long objectBytes;
    private final int cursorsMax;
    private final long hintBytesMax;
    private final List<Cursor> cursors = new ArrayList<>();
    private final BitSet hinted = new BitSet();

    ReadWindow(long objectBytes, int cursorsMax, long hintBytesMax) {
        this.objectBytes = objectBytes;
        this.cursorsMax = cursorsMax;
        this.hintBytesMax = hintBytesMax;
    }

    /**
     * What to do beside a read.
     *
     * @param aheadFrom first chunk to read ahead
     * @param aheadTo end of the chunks to read ahead; not above {@code aheadFrom} for none
     * @param hint bytes that a cache should be told of
     */
    record Plan(boolean stream, int aheadFrom, int aheadTo, Optional<Range> hint) {}

    /** Bytes from {@code from} on, up to {@code to}. */
    record Range(long from, long to) {}

    /** Notes a read of {@code length} bytes, at least one, at {@code offset}. */
    Plan read(long offset, int length, int chunksMax) {
        return read(offset, length, chunksMax, 1);
    }

    /** The same, going so many times as far ahead as was read. */
    Plan read(long offset, int length, int chunksMax, int factor) {
        Cursor cursor = cursorOf(offset);
        cursor.next = Math.max(cursor.next, offset + length);
        int nextChunk = Geometry.chunkOf(cursor.next - 1) + 1;
        cursor.bytes += length;
        long progress = Math.min(cursor.bytes, cursor.next - cursor.start); // A sparse reader is no stream.
        boolean stream = cursor.start == 0 || cursor.reads > 1 && progress >= STREAM_BYTES_MIN;
        if (!stream) {
            return new Plan(false, nextChunk, nextChunk, Optional.empty());
        }
        return new Plan(true, nextChunk, end(nextChunk, progress * factor, chunksMax), hint(cursor.next, progress));
    }

    private int end(int nextChunk, long progress, int chunksMax) {
        int window = (int) Math.min(chunksMax, (progress + Geometry.CHUNK_BYTES - 1) / Geometry.CHUNK_BYTES);
        int end = (int) Math.min((long) nextChunk + window, Geometry.chunks(objectBytes));
        int border = end / Geometry.CHUNKS_PER_BLOCK * Geometry.CHUNKS_PER_BLOCK;
        // Whole blocks once the window holds one: a chunk at a time would be a request at a time.
        boolean whole = window >= Geometry.CHUNKS_PER_BLOCK && end < Geometry.chunks(objectBytes);
        return whole ? Math.max(border, nextChunk) : end;
    }

    private Optional<Range> hint(long next, long progress) {
        return progress < Geometry.CHUNK_BYTES ? Optional.empty() : ahead(next, progress * HINT_FACTOR);
    }

    /** What a cache should be told of beyond {@code next}, up to so many bytes on, that it was not told of. */
    Optional<Range> ahead(long next, long bytes) {
        if (hintBytesMax == 0 || next >= objectBytes) {
            return Optional.empty();
        }
        long reach = Math.min(objectBytes, next + Math.min(hintBytesMax, bytes));
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

    /** The cursor that this read continues, else a new one in place of the one unused for longest. */
    private Cursor cursorOf(long offset) {
        Cursor found = null;
        for (Cursor cursor : cursors) {
            if (Math.abs(offset - cursor.next) <= SLACK_BYTES) {
                found = cursor;
                break;
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
        private long start;
        private long next;
        private long bytes;
        private int reads;

        Cursor(long offset) {
            this.start = offset;
            this.next = offset;
        }
    }
}
