package io.hearth.fuse.kernel.wire;

import java.nio.ByteBuffer;

/** The reply to a READDIR or READDIRPLUS, entry by entry. Not thread-safe. */
public final class Listing {
    private static final int ENTRY_BYTES = 24;
    private static final int ATTRIBUTES_BYTES = 128;

    /** With what makes it a multiple of 8. */
    private static final int SHORTEST_NAME_BYTES = 8;

    private static final int DIRECTORY_TYPE = 4;
    private static final int FILE_TYPE = 8;

    private final Reply reply;
    private final ByteBuffer out;

    Listing(Reply reply, ByteBuffer out) {
        this.reply = reply;
        this.out = out;
    }

    /**
     * @param displayInode as {@code st_ino}
     * @param next the offset at which a listing goes on after this entry
     */
    public record Entry(byte[] name, long displayInode, boolean directory, long next) {}

    /** Adds an entry, if there is room: else nothing changes. */
    public boolean add(Entry entry) {
        return fits(entry, 0) && put(entry);
    }

    /** Adds an entry of a READDIRPLUS without attributes: the kernel takes its name alone. */
    public boolean addBare(Entry entry) {
        if (!fits(entry, ATTRIBUTES_BYTES)) {
            return false;
        }
        for (int i = 0; i < ATTRIBUTES_BYTES; i += 8) {
            out.putLong(0);
        }
        return put(entry);
    }

    /** Whether {@link #add(Entry, long, long, long, NodeStat)} of {@code entry} has room. */
    public boolean hasRoomWithAttributes(Entry entry) {
        return fits(entry, ATTRIBUTES_BYTES);
    }

    /** Adds an entry with attributes, if there is room: the kernel counts it as a look-up then. */
    public boolean add(Entry entry, long nodeId, long entryMs, long attributesMs, NodeStat stat) {
        if (!fits(entry, ATTRIBUTES_BYTES)) {
            return false;
        }
        Reply.entry(out, nodeId, entryMs, attributesMs, stat);
        return put(entry);
    }

    /** Entries with the shortest names that there is room for, and one more. */
    public int entriesMax(boolean withAttributes) {
        return out.remaining() / (ENTRY_BYTES + SHORTEST_NAME_BYTES + (withAttributes ? ATTRIBUTES_BYTES : 0)) + 1;
    }

    /** Makes what was added the reply. */
    public void end(long unique) {
        reply.end(unique, 0);
    }

    private boolean fits(Entry entry, int before) {
        return out.remaining() >= before + padded(ENTRY_BYTES + entry.name().length);
    }

    private boolean put(Entry entry) {
        int end = out.position() + padded(ENTRY_BYTES + entry.name().length);
        out.putLong(entry.displayInode()).putLong(entry.next());
        out.putInt(entry.name().length).putInt(entry.directory() ? DIRECTORY_TYPE : FILE_TYPE);
        out.put(entry.name());
        while (out.position() < end) {
            out.put((byte) 0);
        }
        return true;
    }

    private static int padded(int bytes) {
        return (bytes + 7) & ~7;
    }
}
