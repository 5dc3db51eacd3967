package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.roaringbitmap.RoaringBitmap;

/** A tier of ten blocks of eight pages each. */
class BlockEvictionTest {
    private static final int CHUNK_BYTES = 4096;
    private static final int BLOCK_BYTES = 8 * CHUNK_BYTES;
    private static final int META_BYTES = 4096;
    private static final long QUOTA_BYTES = 10L * BLOCK_BYTES;

    @TempDir
    Path directory;

    private boolean holes = true;
    private TierStore store;

    @BeforeEach
    void open() {
        TierIo io = new CountingTierIo() {
            @Override
            public void punch(Path path, long offset, long length) throws IOException {
                if (!holes) {
                    throw new UnsupportedOperationException("no holes here");
                }
                super.punch(path, offset, length);
            }
        };
        store = TierStore.open(
                List.of(new TierSpec(Medium.SSD, directory, QUOTA_BYTES, new Watermarks(1, 0.9))),
                new TierEnvironment(io, TierEvents.NONE, Runnable::run, Clock.systemUTC(), CHUNK_BYTES, 2, 1000),
                LruEvictionPolicy::new);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aNewcomerTakesBlocksOfTheOldestObjectFromItsEndAndTheRestStaysReadable() throws IOException {
        ObjectFile old = filled("old", 8);
        ObjectFile other = filled("other", 1);
        ObjectFile newcomer = filled("new", 3);
        assertSame(old, store.find(old.id()).orElseThrow());
        assertEquals(RoaringBitmap.bitmapOfRange(0, 5 * 8), old.chunks(), "three blocks and three logs");
        assertEquals(5L * BLOCK_BYTES + META_BYTES, old.chargeBytes());
        assertEquals(9L * BLOCK_BYTES + 3 * META_BYTES, tier().usedBytes());
        read(old);
        read(other);
        read(newcomer);
        byte[] raw = Files.readAllBytes(tier().dataPath(old.id()));
        assertEquals(8 * BLOCK_BYTES, raw.length, "the file keeps its size");
        assertArrayEquals(new byte[3 * BLOCK_BYTES], Arrays.copyOfRange(raw, 5 * BLOCK_BYTES, raw.length));
        old.hold();
        assertThrows(IllegalStateException.class, () -> old.read(5L * BLOCK_BYTES, ByteBuffer.allocate(1)));
        old.release();
    }

    @Test
    void whatWasEvictedCountsNoMoreAfterARestartAndMayComeBack() throws IOException {
        ObjectFile old = filled("old", 8);
        filled("new", 4);
        long chargeBytes = old.chargeBytes();
        RoaringBitmap left = old.chunks();
        store.close();
        open();
        ObjectFile again = store.find(old.id()).orElseThrow();
        assertEquals(left, again.chunks());
        assertEquals(chargeBytes, again.chargeBytes());
        store.evict(List.of(object("new", 4).id()));
        filled("old", 8);
        assertEquals(8 * 8, again.chunks().getCardinality());
        read(again);
    }

    @Test
    void blocksThatWereReadStayWhereOthersWereNot() {
        ObjectFile old = filled("old", 8);
        store.used(old, 7L * BLOCK_BYTES);
        store.used(old, 5L * BLOCK_BYTES);
        filled("new", 4);
        assertEquals(List.of(0, 1, 2, 5, 7), presentBlocks(old));
        filled("newer", 1);
        assertEquals(List.of(0, 1, 5, 7), presentBlocks(old));
        filled("newest", 3);
        assertEquals(List.of(5), presentBlocks(old), "when all that is left was read, they begin anew");
    }

    @Test
    void aSealedFileLeavesAsAWholeAndIsNeverPunched() throws IOException {
        ObjectFile sealed = filled("sealed", 8);
        assertTrue(sealed.hold());
        sealed.seal();
        sealed.release();
        Path path = tier().dataPath(sealed.id());
        try (var mapped = Files.newByteChannel(path)) {
            filled("new", 4);
            assertTrue(store.find(sealed.id()).isEmpty());
            ByteBuffer bytes = ByteBuffer.allocate(8 * BLOCK_BYTES);
            while (bytes.hasRemaining() && mapped.read(bytes) >= 0) {}
            for (int chunk = 0; chunk < 8 * 8; chunk++) {
                assertArrayEquals(
                        content(chunk),
                        Arrays.copyOfRange(bytes.array(), chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES));
            }
        }
        assertEquals(4L * BLOCK_BYTES + META_BYTES, tier().usedBytes());
    }

    @Test
    void noBlockOfAFileThatIsHeldOrLeasedLeaves() {
        ObjectFile held = filled("held", 5);
        assertTrue(held.hold());
        ObjectFile leased = filled("leased", 3);
        Lease lease = store.lease(leased.id()).orElseThrow();
        ObjectRef newcomer = object("new", 4);
        assertTrue(store.holdOrCreate(newcomer, newcomer.id(), "ns").isEmpty(), "no room for four blocks");
        ObjectRef small = object("small", 1);
        ObjectFile file = store.holdOrCreate(small, small.id(), "ns").orElseThrow();
        assertEquals(5 * 8, held.chunks().getCardinality());
        assertEquals(3 * 8, leased.chunks().getCardinality());
        assertEquals(0, held.shrink(1), "in use");
        file.release();
        held.release();
        lease.close();
        read(held);
    }

    @Test
    void aReaderOfSomeBlocksIsChargedForThoseAlone() {
        ObjectRef large = object("large", 9);
        ObjectFile part = store.holdOrBegin(large, large.id(), "ns").orElseThrow();
        assertEquals(META_BYTES, tier().usedBytes());
        assertFalse(part.covers(3));
        assertTrue(store.cover(part, 3));
        assertEquals(BLOCK_BYTES + META_BYTES, tier().usedBytes());
        assertEquals(BLOCK_BYTES + META_BYTES, tier().heldBytes());
        fill(part, 3);
        assertTrue(store.cover(part, 4));
        part.release();
        assertEquals(BLOCK_BYTES + META_BYTES, tier().usedBytes(), "nobody fills the other block any more");
        assertEquals(0, tier().heldBytes());
        assertFalse(part.covers(4));
    }

    @Test
    void aLeaseTakesRoomForAllOfAnObjectAndGivesBackWhatWasNotFilled() {
        filled("old", 8);
        ObjectRef large = object("large", 5);
        ObjectFile part = store.holdOrBegin(large, large.id(), "ns").orElseThrow();
        assertTrue(store.cover(part, 0));
        fill(part, 0);
        part.release();
        assertTrue(store.room(List.of(new Room.Wanted(large.id(), large.sizeBytes())))
                .fits());
        Lease lease = store.lease(large.id()).orElseThrow();
        assertEquals(5L * BLOCK_BYTES + META_BYTES, tier().heldBytes());
        assertTrue(tier().usedBytes() <= QUOTA_BYTES);
        assertEquals(
                4,
                presentBlocks(store.find(object("old", 8).id()).orElseThrow()).size());
        lease.close();
        assertEquals(BLOCK_BYTES + META_BYTES, part.chargeBytes());
    }

    @Test
    void aBlockWithoutRoomIsNotCovered() {
        ObjectFile held = filled("held", 8);
        ObjectRef large = object("large", 2);
        ObjectFile part = store.holdOrBegin(large, large.id(), "ns").orElseThrow();
        assertTrue(held.hold());
        assertTrue(store.cover(part, 0));
        assertFalse(store.cover(part, 1));
        assertTrue(store.room(List.of(new Room.Wanted(large.id(), large.sizeBytes())))
                .misfit()
                .isPresent());
        assertTrue(store.lease(large.id()).isEmpty());
        held.release();
        assertTrue(store.cover(part, 1));
        part.release();
    }

    @Test
    void whereTheFileSystemHasNoHolesWholeObjectsLeave() {
        holes = false;
        ObjectFile old = filled("old", 8);
        filled("new", 4);
        assertTrue(store.find(old.id()).isEmpty());
        assertFalse(tier().punches());
        assertEquals(4L * BLOCK_BYTES + META_BYTES, tier().usedBytes());
    }

    @Test
    void aFileThatCameAndWentTooOftenLeavesWithItsLog() {
        ObjectFile old = filled("old", 8);
        long rounds = 0;
        while (store.find(old.id()).isPresent() && rounds++ < 2000) {
            store.index().give(old, 4L * BLOCK_BYTES);
            if (store.find(old.id()).isPresent()) {
                filled("old", 8);
            }
        }
        assertTrue(rounds > 70 && rounds < 2000, rounds + " rounds of four blocks, two records a chunk");
        assertEquals(0, tier().usedBytes());
    }

    private Tier tier() {
        return store.tiers().get(0);
    }

    private static ObjectRef object(String key, int blocks) {
        return new ObjectRef("origin", key, new Validator.LastModified(1), (long) blocks * BLOCK_BYTES);
    }

    private ObjectFile filled(String key, int blocks) {
        ObjectRef object = object(key, blocks);
        ObjectFile file = store.holdOrBegin(object, object.id(), "ns").orElseThrow();
        for (int block = 0; block < blocks; block++) {
            assertTrue(store.cover(file, block));
            fill(file, block);
        }
        file.release();
        return file;
    }

    private static void fill(ObjectFile file, int block) {
        for (int chunk = block * 8; chunk < block * 8 + 8; chunk++) {
            CRC32C crc = new CRC32C();
            crc.update(content(chunk));
            file.write(chunk, ByteBuffer.wrap(content(chunk)), (int) crc.getValue());
        }
    }

    private static void read(ObjectFile file) {
        assertTrue(file.hold());
        for (int chunk : file.chunks().toArray()) {
            ByteBuffer target = ByteBuffer.allocate(CHUNK_BYTES);
            assertTrue(file.verify(chunk, ByteBuffer.allocate(CHUNK_BYTES)));
            file.read((long) chunk * CHUNK_BYTES, target);
            assertArrayEquals(content(chunk), target.array());
        }
        file.release();
    }

    private static List<Integer> presentBlocks(ObjectFile file) {
        return file.chunks().stream().mapToObj(ChunkLayout::blockOf).distinct().toList();
    }

    private static byte[] content(int chunk) {
        byte[] bytes = new byte[CHUNK_BYTES];
        Arrays.fill(bytes, (byte) (1 + chunk % 255));
        return bytes;
    }
}
