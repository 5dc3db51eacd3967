package io.hearth.fuse.kernel.wire;

import java.nio.ByteBuffer;

/**
 * Writes replies, one after another, into one buffer: each method leaves it ready to be sent, from 0 to its limit.
 * Times for which the kernel may keep an answer are milliseconds. Not thread-safe.
 */
public final class Reply {
    /** {@code fuse_out_header}. */
    public static final int HEADER_BYTES = 16;

    /** The most that any method here writes, but for listings. */
    public static final int BYTES_MAX = HEADER_BYTES + 288;

    private static final int STATX_BASIC = 0x7ff;
    private static final int STATX_BIRTH = 0x800;

    /** Block size that {@code stat} advises; programs take it as the size of their buffers. */
    private static final int BLOCK_BYTES = 128 << 10;

    private static final int STATFS_UNIT = 4096;
    private static final int NAME_BYTES_MAX = 255;

    private final ByteBuffer out;

    /** @param out at least {@link #BYTES_MAX} bytes, in the machine's byte order */
    public Reply(ByteBuffer out) {
        this.out = out;
    }

    /** What the last method wrote. */
    public ByteBuffer buffer() {
        return out;
    }

    /** Success that says nothing more. */
    public void done(long unique) {
        begin();
        end(unique, 0);
    }

    /** @param errno positive */
    public void error(long unique, int errno) {
        begin();
        end(unique, -errno);
    }

    /** The header of a reply whose {@code dataBytes} stand elsewhere and are sent in the same call. */
    public void dataHeader(long unique, int dataBytes) {
        begin();
        end(unique, 0);
        out.putInt(0, HEADER_BYTES + dataBytes);
    }

    /** Protocol 7.23 and later: 64 bytes. */
    public void init(long unique, InitReply agreed) {
        begin();
        out.putInt(agreed.major()).putInt(agreed.minor());
        out.putInt(agreed.maxReadAhead()).putInt(agreed.flags());
        out.putShort((short) agreed.backgroundMax()).putShort((short) agreed.congestionThreshold());
        out.putInt(agreed.maxWrite()).putInt(1);
        out.putShort((short) agreed.maxPages()).putShort((short) 0);
        out.putInt(agreed.extendedFlags()).putInt(agreed.stackDepthMax());
        zeros(24);
        end(unique, 0);
    }

    public void entry(long unique, long nodeId, long entryMs, long attributesMs, NodeStat stat) {
        begin();
        entry(out, nodeId, entryMs, attributesMs, stat);
        end(unique, 0);
    }

    /** There is no such name, and the kernel may say so itself for a while. */
    public void noEntry(long unique, long entryMs) {
        begin();
        out.putLong(0).putLong(0).putLong(entryMs / 1000).putLong(0);
        out.putInt(nanos(entryMs)).putInt(0);
        zeros(88);
        end(unique, 0);
    }

    public void attributes(long unique, long attributesMs, NodeStat stat) {
        begin();
        out.putLong(attributesMs / 1000).putInt(nanos(attributesMs)).putInt(0);
        attributes(out, stat);
        end(unique, 0);
    }

    public void statx(long unique, long attributesMs, NodeStat stat) {
        begin();
        out.putLong(attributesMs / 1000).putInt(nanos(attributesMs)).putInt(0);
        zeros(16);
        out.putInt(stat.directory() ? STATX_BASIC : STATX_BASIC | STATX_BIRTH).putInt(BLOCK_BYTES);
        out.putLong(0).putInt(1).putInt(stat.uid()).putInt(stat.gid());
        out.putShort((short) stat.mode()).putShort((short) 0);
        out.putLong(stat.displayInode()).putLong(stat.sizeBytes()).putLong(stat.blocks());
        out.putLong(0);
        for (int time = 0; time < 4; time++) {
            boolean unknown = time == 1 && stat.directory();
            out.putLong(unknown ? 0 : stat.seconds())
                    .putInt(unknown ? 0 : stat.nanos())
                    .putInt(0);
        }
        zeros(16 + 112);
        end(unique, 0);
    }

    /**
     * @param openFlags of {@link OpenFlag}; 0 for a directory
     * @param backingId of the file that the kernel reads itself, with {@link OpenFlag#PASSTHROUGH}; else 0
     */
    public void opened(long unique, long handle, int openFlags, int backingId) {
        begin();
        out.putLong(handle).putInt(openFlags).putInt(backingId);
        end(unique, 0);
    }

    public void statFs(long unique, long bytes, long nodes) {
        begin();
        out.putLong((bytes + STATFS_UNIT - 1) / STATFS_UNIT).putLong(0).putLong(0);
        out.putLong(nodes).putLong(0);
        out.putInt(STATFS_UNIT).putInt(NAME_BYTES_MAX).putInt(STATFS_UNIT);
        zeros(28);
        end(unique, 0);
    }

    /**
     * A listing of at most {@code sizeBytes}, to be filled; {@link Listing#end} makes it the reply.
     *
     * @param sizeBytes what the kernel takes, at least 0; this buffer's room bounds it too
     */
    public Listing listing(int sizeBytes) {
        begin();
        out.limit(HEADER_BYTES + Math.min(sizeBytes, out.capacity() - HEADER_BYTES));
        return new Listing(this, out);
    }

    static void entry(ByteBuffer out, long nodeId, long entryMs, long attributesMs, NodeStat stat) {
        out.putLong(nodeId).putLong(0);
        out.putLong(entryMs / 1000).putLong(attributesMs / 1000);
        out.putInt(nanos(entryMs)).putInt(nanos(attributesMs));
        attributes(out, stat);
    }

    void end(long unique, int error) {
        out.flip();
        out.putInt(0, out.limit()).putInt(4, error).putLong(8, unique);
    }

    private void begin() {
        out.clear().position(HEADER_BYTES);
    }

    private void zeros(int bytes) {
        for (int i = 0; i < bytes; i += 4) {
            out.putInt(0);
        }
    }

    /** One link for a directory too: "subdirectories are not counted", which find and fts understand. */
    private static void attributes(ByteBuffer out, NodeStat stat) {
        out.putLong(stat.displayInode()).putLong(stat.sizeBytes()).putLong(stat.blocks());
        out.putLong(stat.seconds()).putLong(stat.seconds()).putLong(stat.seconds());
        out.putInt(stat.nanos()).putInt(stat.nanos()).putInt(stat.nanos());
        out.putInt(stat.mode()).putInt(1).putInt(stat.uid()).putInt(stat.gid());
        out.putInt(0).putInt(BLOCK_BYTES).putInt(0);
    }

    private static int nanos(long ms) {
        return (int) (ms % 1000) * 1_000_000;
    }
}
