package io.hearth.fuse.kernel.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ReplyTest {
    private static final NodeStat FILE =
            new NodeStat(0x0102030405060708L, false, 5_000_000_001L, 1_700_000_000_123L, 501, 20);
    private static final NodeStat DIRECTORY = new NodeStat(77, true, 0, -1500, 501, 20);
    private static final long YEAR_MS = 31_536_000_000L;

    private final Reply reply = new Reply(dirty(4096));

    /** What an earlier message left must not show. */
    private static ByteBuffer dirty(int bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0xee);
        }
        return buffer;
    }

    private static void assertGolden(String name, ByteBuffer written) {
        assertEquals(HexFormat.of().formatHex(Golden.bytes(name)), Golden.hex(written), name);
    }

    @Test
    void everyReplyIsLaidOutAsTheKernelReadsIt() {
        reply.init(Golden.UNIQUE, new InitReply(7, 45, 131_072, flags(), 64, 48, 4096, 256, 0, 0));
        assertGolden("R_INIT", reply.buffer());
        int extended = flags() | InitFlag.INIT_EXT;
        reply.init(
                Golden.UNIQUE, new InitReply(7, 45, 131_072, extended, 64, 48, 4096, 256, InitFlag.EXT_PASSTHROUGH, 1));
        assertGolden("R_INIT_PASSTHROUGH", reply.buffer());
        reply.done(Golden.UNIQUE);
        assertGolden("R_DONE", reply.buffer());
        reply.error(Golden.UNIQUE, 30);
        assertGolden("R_ERROR", reply.buffer());
        reply.entry(Golden.UNIQUE, 9, 1250, YEAR_MS, FILE);
        assertGolden("R_ENTRY", reply.buffer());
        reply.noEntry(Golden.UNIQUE, 1250);
        assertGolden("R_NOENTRY", reply.buffer());
        reply.attributes(Golden.UNIQUE, 1250, DIRECTORY);
        assertGolden("R_ATTR", reply.buffer());
        reply.statx(Golden.UNIQUE, YEAR_MS, FILE);
        assertGolden("R_STATX", reply.buffer());
        reply.statx(Golden.UNIQUE, 1250, DIRECTORY);
        assertGolden("R_STATX_DIR", reply.buffer());
        reply.opened(Golden.UNIQUE, 55, OpenFlag.KEEP_CACHE | OpenFlag.NO_FLUSH, 0);
        assertGolden("R_OPEN", reply.buffer());
        reply.opened(Golden.UNIQUE, 55, OpenFlag.PASSTHROUGH | OpenFlag.NO_FLUSH, 7);
        assertGolden("R_OPEN_PASSTHROUGH", reply.buffer());
        reply.statFs(Golden.UNIQUE, 5_000_000_001L, 1013);
        assertGolden("R_STATFS", reply.buffer());
        reply.dataHeader(Golden.UNIQUE, 1 << 20);
        assertGolden("R_DATA", reply.buffer());
    }

    private static int flags() {
        return InitFlag.ASYNC_READ
                | InitFlag.DO_READDIRPLUS
                | InitFlag.READDIRPLUS_AUTO
                | InitFlag.PARALLEL_DIROPS
                | InitFlag.ABORT_ERROR
                | InitFlag.MAX_PAGES
                | InitFlag.EXPLICIT_INVAL_DATA;
    }

    private static Listing.Entry entry(String name, NodeStat stat, long next) {
        return new Listing.Entry(name.getBytes(StandardCharsets.UTF_8), stat.displayInode(), stat.directory(), next);
    }

    @Test
    void listingsAreLaidOutAsTheKernelReadsThem() {
        Listing plain = reply.listing(1000);
        assertTrue(plain.add(entry(".", DIRECTORY, 1)));
        assertTrue(plain.add(entry("file.bin", FILE, 2)));
        plain.end(Golden.UNIQUE);
        assertGolden("R_READDIR", reply.buffer());

        Listing plus = reply.listing(1000);
        assertTrue(plus.addBare(entry(".", DIRECTORY, 1)));
        assertTrue(plus.add(entry("file1.bin", FILE, 2), 9, 1250, YEAR_MS, FILE));
        plus.end(Golden.UNIQUE);
        assertGolden("R_READDIRPLUS", reply.buffer());
    }

    /** A whole entry or none: the kernel refuses a listing that is cut. */
    @Test
    void anEntryWithoutRoomChangesNothing() {
        int whole = Golden.bytes("R_READDIR").length - Reply.HEADER_BYTES;
        int first = whole - 32;
        for (int size = 0; size <= whole; size++) {
            Listing listing = reply.listing(size);
            assertEquals(size >= first, listing.add(entry(".", DIRECTORY, 1)));
            assertEquals(size >= whole, listing.add(entry("file.bin", FILE, 2)));
            listing.end(Golden.UNIQUE);
            assertTrue(reply.buffer().limit() - Reply.HEADER_BYTES <= size);
            assertEquals(reply.buffer().limit(), reply.buffer().getInt(0));
        }
        Listing plus = reply.listing(150);
        assertFalse(plus.hasRoomWithAttributes(entry("file.bin", FILE, 1)));
        assertFalse(plus.add(entry("file.bin", FILE, 1), 9, 0, 0, FILE));
        assertFalse(plus.addBare(entry("file.bin", FILE, 1)));
        plus.end(Golden.UNIQUE);
        assertEquals(Reply.HEADER_BYTES, reply.buffer().limit());
    }

    @Test
    void noticesAreLaidOutAsTheKernelReadsThem() {
        Notice notice = new Notice(dirty(Notice.BYTES_MAX));
        assertTrue(notice.invalidateEntry(9, "name".getBytes(StandardCharsets.UTF_8)));
        assertGolden("N_INVAL_ENTRY", notice.buffer());
        assertTrue(notice.invalidateEntry(9, new byte[1024]));
        assertFalse(notice.invalidateEntry(9, new byte[1025]));
    }
}
