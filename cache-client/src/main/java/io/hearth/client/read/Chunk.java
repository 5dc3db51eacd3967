package io.hearth.client.read;

import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.Condition;

/**
 * A chunk in memory, filled from its start on. Mutable state is under the table's lock; the bytes below {@link #filled}
 * never change while anyone holds the chunk.
 */
final class Chunk {
    /** Which chunk of which object. */
    record Key(ObjectId object, int index) {}

    final Key key;
    final int length;
    final ByteBuffer buffer;
    final long madeNs;
    /** Signalled when bytes come, or none will. */
    final Condition changed;
    /** Read ahead, and not asked for by anyone yet. */
    boolean ahead;

    int filled;
    /** How far readers have come: a chunk that was read to its end is the first to go. */
    int readTo;
    /** Readers and fills that are at the buffer: while there are any, it stays. */
    int holds;
    /** Out of the table; the buffer goes back with the last hold. */
    boolean gone;

    Optional<HearthException> failure = Optional.empty();
    Optional<Fill> fill = Optional.empty();

    Chunk(Key key, int length, ByteBuffer buffer, Condition changed, boolean ahead, long madeNs) {
        this.key = key;
        this.length = length;
        this.buffer = buffer;
        this.changed = changed;
        this.ahead = ahead;
        this.madeNs = madeNs;
    }

    boolean full() {
        return filled == length;
    }

    boolean consumed() {
        return readTo >= length;
    }

    boolean evictable() {
        return full() && holds == 0;
    }

    /** A view of these bytes. */
    ByteBuffer bytes(int from, int to) {
        return buffer.duplicate().limit(to).position(from);
    }
}
