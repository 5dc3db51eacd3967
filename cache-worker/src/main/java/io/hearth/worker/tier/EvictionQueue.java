package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;

/**
 * Objects first in, first out, measured in bytes. An object that may not leave is set aside: it is out of the order,
 * and its bytes still count. Every operation takes constant time. Not thread-safe.
 */
final class EvictionQueue {
    /** One object, in one queue at a time. */
    static final class Entry {
        final ObjectId id;
        long bytes;
        /** Whether it is a file of model weights, whose uses move it instead of being counted. */
        final boolean weights;

        EvictionQueue queue;
        /** Uses that count, 0 to 3. */
        int frequency;
        /** Where the first read began, or -1: a read that begins there again is another use. */
        long anchor = -1;
        /** Whether it was read more than once, or came back soon after it had left. */
        boolean usedAgain;
        /** Whether it was named as the one to leave. */
        boolean chosen;

        private Entry older;
        private Entry younger;

        Entry(ObjectId id, long bytes, boolean weights) {
            this.id = id;
            this.bytes = bytes;
            this.weights = weights;
        }

        boolean aside() {
            return older == null;
        }
    }

    /** Closes the ring: its younger neighbour is the eldest object. */
    private final Entry ring = new Entry(null, 0, false);

    private long bytes;

    EvictionQueue() {
        ring.older = ring;
        ring.younger = ring;
    }

    /** Bytes of all its objects, those set aside included. */
    long bytes() {
        return bytes;
    }

    /** Whether nobody is in the order. */
    boolean empty() {
        return ring.younger == ring;
    }

    /** The eldest in the order, which is not empty. */
    Entry eldest() {
        return ring.younger;
    }

    void add(Entry entry) {
        entry.queue = this;
        bytes += entry.bytes;
        link(entry);
    }

    void remove(Entry entry) {
        bytes -= entry.bytes;
        if (!entry.aside()) {
            unlink(entry);
        }
    }

    /** Of one that is in this queue, set aside or not. */
    void resize(Entry entry, long entryBytes) {
        bytes += entryBytes - entry.bytes;
        entry.bytes = entryBytes;
    }

    /** Makes one that is in the order the youngest. */
    void again(Entry entry) {
        unlink(entry);
        link(entry);
    }

    void setAside(Entry entry) {
        unlink(entry);
    }

    /** Puts an object that was set aside back, as the youngest. */
    void putBack(Entry entry) {
        link(entry);
    }

    private void link(Entry entry) {
        entry.younger = ring;
        entry.older = ring.older;
        ring.older.younger = entry;
        ring.older = entry;
    }

    private static void unlink(Entry entry) {
        entry.older.younger = entry.younger;
        entry.younger.older = entry.older;
        entry.older = null;
        entry.younger = null;
    }
}
