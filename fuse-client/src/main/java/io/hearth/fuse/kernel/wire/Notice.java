package io.hearth.fuse.kernel.wire;

import java.nio.ByteBuffer;

/** Writes what the kernel is told unasked, ready to be sent. Not thread-safe. */
public final class Notice {
    /** The longest: a name of 1,024 bytes. */
    public static final int BYTES_MAX = 16 + 16 + 1024 + 1;

    private static final int INVALIDATE_ENTRY = 3;
    private static final int NAME_BYTES_MAX = 1024;

    private final ByteBuffer out;

    /** @param out at least {@link #BYTES_MAX} bytes, in the machine's byte order */
    public Notice(ByteBuffer out) {
        this.out = out;
    }

    /** What the last method wrote. */
    public ByteBuffer buffer() {
        return out;
    }

    /**
     * The kernel is to forget what stands at {@code name}.
     *
     * @return whether such a name can be in the kernel at all
     */
    public boolean invalidateEntry(long parentNodeId, byte[] name) {
        if (name.length > NAME_BYTES_MAX) {
            return false;
        }
        out.clear().position(Reply.HEADER_BYTES);
        out.putLong(parentNodeId).putInt(name.length).putInt(0);
        out.put(name).put((byte) 0);
        end(INVALIDATE_ENTRY);
        return true;
    }

    private void end(int code) {
        out.flip();
        out.putInt(0, out.limit()).putInt(4, code).putLong(8, 0);
    }
}
