package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.roaringbitmap.RoaringBitmap;

/**
 * One object on its way to another tier, chunk by chunk. The copy is a new file that nobody finds before it takes the
 * old one's place, in one step, at a moment when nobody else holds or leases the old one and every chunk of it has been
 * copied. Each chunk is compared with its checksum between the two files. One thread's.
 */
final class Move {
    private static final int MISREADS_MAX = 3;

    enum State {
        COPYING,
        /** All is copied; somebody uses the object. */
        WAITING,
        MOVED,
        ABANDONED
    }

    private final Moves moves;
    private final ObjectFile from;
    private final ObjectFile copy;
    private final boolean faster;
    private final long waitMs;
    private int misreads;
    private long waitUntilMs = Long.MAX_VALUE;

    /** @param from and {@code copy} are held for the move, as {@link Moves#begin} gives them */
    Move(Moves moves, ObjectFile from, ObjectFile copy, boolean faster, long waitMs) {
        this.moves = moves;
        this.from = from;
        this.copy = copy;
        this.faster = faster;
        this.waitMs = waitMs;
    }

    ObjectFile from() {
        return from;
    }

    ObjectFile copy() {
        return copy;
    }

    boolean faster() {
        return faster;
    }

    /**
     * Copies one chunk, or tries to end. Blocks. After MOVED and ABANDONED nothing is held.
     *
     * @param buffer of a chunk's size
     */
    State step(ByteBuffer buffer, long nowMs) {
        try {
            if (copy.tier().full() || !moves.knows(from)) {
                return abandon();
            }
            RoaringBitmap missing = RoaringBitmap.andNot(from.chunks(), copy.chunks());
            if (!missing.isEmpty()) {
                if (!moves.cover(copy, ChunkLayout.blockOf(missing.first()))) {
                    return abandon();
                }
                prepare(missing);
                copy(missing.first(), buffer);
                return misreads > MISREADS_MAX ? abandon() : State.COPYING;
            }
        } catch (HearthException e) {
            if (e.kind() == FailureKind.NO_SPACE) {
                copy.tier().pause(e);
            }
            return abandon();
        }
        return end(nowMs);
    }

    private State end(long nowMs) {
        if (moves.replace(from, copy)) {
            return State.MOVED;
        }
        waitUntilMs = Math.min(waitUntilMs, nowMs + waitMs);
        return nowMs >= waitUntilMs ? abandon() : State.WAITING;
    }

    /** A block that begins now and has more than one chunk. */
    private void prepare(RoaringBitmap missing) {
        int chunk = missing.first();
        int block = ChunkLayout.blockOf(chunk);
        if (chunk == ChunkLayout.firstChunk(block) && missing.contains(chunk + 1)) {
            copy.prepareHuge(block);
        }
    }

    private void copy(int chunk, ByteBuffer buffer) {
        if (!from.verify(chunk, buffer.clear())) {
            return;
        }
        from.read(
                from.layout().offset(chunk), buffer.clear().limit(from.layout().length(chunk)));
        CRC32C found = new CRC32C();
        found.update(buffer.flip());
        buffer.rewind();
        int crc = from.crc(chunk).orElse(~(int) found.getValue());
        if (crc == (int) found.getValue()) {
            copy.write(chunk, buffer, crc);
            return;
        }
        misreads++;
        from.lease().ifPresent(lease -> {
            lease.recheck(chunk, buffer.clear());
            lease.close();
        });
    }

    /** Drops the copy; the object stays where it was. */
    State abandon() {
        moves.abandon(from, copy);
        return State.ABANDONED;
    }
}
