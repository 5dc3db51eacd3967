package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.settings.SettingsBinder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten pages of a fast tier and a hundred of a slow one, on a clock that stands still. */
class TierUpkeepTest {
    private static final int CHUNK_BYTES = 4096;

    @TempDir
    Path directory;

    private final FaultyTierIo io = new FaultyTierIo(new Random(1), Long.MAX_VALUE);
    private final TestClock clock = new TestClock();
    private final TestSpace space = new TestSpace();
    private final Counts counts = new Counts();
    private long nanos;
    private TierStore store;
    private TierUpkeep upkeep;

    private static final class Counts implements UpkeepEvents {
        private int evicted;
        private int promoted;
        private int demoted;
        private int abandoned;

        @Override
        public void evictedAhead() {
            evicted++;
        }

        @Override
        public void moved(boolean faster, long residentBytes) {
            promoted += faster ? 1 : 0;
            demoted += faster ? 0 : 1;
        }

        @Override
        public void moveAbandoned() {
            abandoned++;
        }
    }

    @AfterEach
    void close() {
        upkeep.stop();
        store.close();
    }

    @Test
    void newcomersThatPassTheHighMarkAreFollowedByEvictionDownToTheLowOne() {
        open(Map.of());
        for (int i = 0; i < 8; i++) {
            hold("read-once-" + i, 1).release();
        }
        turn();
        assertEquals(0, counts.evicted, "eight of ten pages are not past the mark");
        ObjectFile held = hold("held", 1);
        Lease leased = store.leaseOrCreate(
                        object("leased", 1), object("leased", 1).id(), "ns")
                .orElseThrow();
        assertEquals(10L * CHUNK_BYTES, fast().usedBytes());
        turn();
        assertEquals(5, counts.evicted);
        assertEquals(5L * CHUNK_BYTES, fast().usedBytes());
        assertTrue(store.knows(held) && store.knows(leased.file()));
        turn();
        assertEquals(5, counts.evicted, "nobody came since");
        held.release();
        leased.close();
    }

    @Test
    void anObjectThatAloneIsLargerThanTheLowMarkIsNotEvictedAhead() {
        open(Map.of());
        hold("large", 10).release();
        turn();
        assertEquals(0, counts.evicted);
        assertTrue(find("large").isPresent());
    }

    @Test
    void theNewcomerItselfIsNotEvictedAheadThoughAllOthersWereReadMoreOften() {
        open(Map.of());
        for (int i = 0; i < 4; i++) {
            store.used(filled("read-often-" + i, 2), EvictionPolicy.WHOLE);
        }
        ObjectFile newcomer = filled("newcomer", 2);
        turns(3);
        assertTrue(store.knows(newcomer));
    }

    @Test
    void aVictimThatWasReadTwiceIsDemotedOneThatWasReadOnceIsDropped() {
        open(Map.of());
        ObjectFile twice = filled("twice", 2);
        store.used(twice, 0);
        store.used(twice, 0);
        ObjectFile once = filled("once", 2);
        store.used(once, 0);
        ObjectFile newcomer = hold("newcomer", 6);
        turns(5);
        newcomer.release();
        assertEquals(1, counts.demoted);
        assertTrue(find("once").isEmpty());
        ObjectFile moved = find("twice").orElseThrow();
        assertSame(slow(), moved.tier());
        assertNotSame(twice, moved, "a move makes a new file");
        read(moved);
        assertFalse(twice.hold(), "nobody comes to the old one");
        assertEquals(2L * CHUNK_BYTES, slow().usedBytes());
        assertEquals(0, slow().heldBytes());
    }

    @Test
    void anObjectOfASlowerTierThatIsReadAgainIsPromotedIfNobodyOfWorthMustLeaveForIt() {
        open(Map.of());
        ObjectFile rising = inSlowTier("rising", 4);
        store.used(rising, 0);
        turns(4);
        assertEquals(0, counts.promoted, "read once");
        store.used(rising, 0);
        turns(6);
        assertEquals(1, counts.promoted);
        assertEquals(1, io.hugeAsked(), "its block comes into memory whole");
        assertSame(fast(), find("rising").orElseThrow().tier());
        read(find("rising").orElseThrow());
        assertEquals(0, slow().usedBytes());
        ObjectFile other = inSlowTier("other", 8);
        store.used(find("rising").orElseThrow(), EvictionPolicy.WHOLE);
        store.used(other, EvictionPolicy.WHOLE);
        turns(10);
        assertEquals(1, counts.promoted, "there is no room but that of one that was read twice, too");
    }

    @Test
    void aReaderKeepsTheOldFileAndTheMoveWaitsForHimUntilItIsGivenUp() {
        open(Map.of("worker.move-wait", "1s"));
        ObjectFile file = inSlowTier("file", 4);
        store.used(file, EvictionPolicy.WHOLE);
        nanos += 10_000;
        upkeep.turn();
        upkeep.turn();
        assertTrue(upkeep.move().isPresent());
        assertTrue(file.tryHold());
        turns(8);
        assertSame(file, find("file").orElseThrow(), "it does not move under its reader");
        read(file);
        clock.advance(1001);
        turns(1);
        assertEquals(1, counts.abandoned);
        assertEquals(0, fast().usedBytes());
        assertEquals(0, fast().heldBytes());
        file.release();
        store.used(file, EvictionPolicy.WHOLE);
        turns(8);
        assertSame(fast(), find("file").orElseThrow().tier(), "it moves once he has let go");
    }

    @Test
    void aChunkThatIsFilledDuringTheMoveMovesToo() {
        open(Map.of());
        space.scarce.add(fast().spec().directory());
        ObjectFile file = hold("file", 6);
        space.scarce.clear();
        write(file, 3);
        file.release();
        store.used(file, EvictionPolicy.WHOLE);
        turn();
        assertTrue(file.hold());
        write(file, 1);
        turn();
        write(file, 2);
        file.release();
        turns(3);
        assertEquals(1, counts.promoted);
        ObjectFile moved = find("file").orElseThrow();
        assertSame(fast(), moved.tier());
        assertEquals(org.roaringbitmap.RoaringBitmap.bitmapOf(1, 2, 3), moved.chunks());
        read(moved);
    }

    @Test
    void aChunkThatRottedIsDroppedAndNotCopied() throws IOException {
        open(Map.of());
        ObjectFile file = inSlowTier("file", 4);
        flip(slow().dataPath(file.id()), CHUNK_BYTES + 17);
        store.used(file, EvictionPolicy.WHOLE);
        turns(10);
        ObjectFile moved = find("file").orElseThrow();
        assertSame(fast(), moved.tier());
        assertEquals(org.roaringbitmap.RoaringBitmap.bitmapOf(0, 2), moved.chunks());
        read(moved);
    }

    @Test
    void aMoveCopiesNoFasterThanItsRate() {
        open(Map.of("worker.move-rate", "1MiB"));
        ObjectFile file = inSlowTier("file", 9);
        store.used(file, EvictionPolicy.WHOLE);
        upkeep.turn();
        for (int chunk = 1; chunk <= 7; chunk++) {
            nanos += 1_000_000_000L * CHUNK_BYTES / (1 << 20) + 1;
            upkeep.turn();
            int copied = upkeep.move().orElseThrow().copy().chunks().getCardinality();
            assertTrue(copied <= chunk + 1, copied + " chunks in the time of " + chunk);
        }
    }

    @Test
    void whereFreeSpaceIsBelowItsFloorNothingComesInAndObjectsLeaveUntilItIsBack() {
        open(Map.of("worker.free-memory-floor", "8KiB", "worker.free-space-floor", "8KiB"));
        for (int i = 0; i < 4; i++) {
            filled("o" + i, 2);
        }
        space.scarceBytes = 4096;
        space.scarce.add(fast().spec().directory());
        turn();
        assertEquals(2, counts.evicted, "a page is missing, and an eighth of the floor comes on top");
        assertTrue(fast().full());
        ObjectFile elsewhere = hold("newcomer", 1);
        assertSame(slow(), elsewhere.tier());
        elsewhere.release();
        space.scarce.clear();
        turn();
        assertFalse(fast().full());
        assertEquals(2, counts.evicted);
    }

    @Test
    void aDiskThatFailsGoesOutOfServiceAndComesBackWithItsObjects() {
        open(Map.of("worker.tier-failures", "3", "worker.tier-probe-pause", "1s"));
        ObjectFile kept = filled("kept", 2);
        ObjectFile other = inSlowTier("other", 4);
        io.broken = Optional.of(fast().spec().directory());
        for (int i = 0; i < 3; i++) {
            assertFalse(fast().outOfService(), "not before the third error");
            hold("try-" + i, 1).release();
            clock.advance(1001);
        }
        assertTrue(fast().outOfService());
        turn();
        assertTrue(find("kept").isEmpty());
        assertSame(other, find("other").orElseThrow(), "the other tier goes on");
        assertEquals(0, fast().usedBytes());
        io.broken = Optional.empty();
        clock.advance(1999);
        turn();
        assertTrue(fast().outOfService(), "the first probe failed, and the pause has doubled");
        clock.advance(1);
        turn();
        assertFalse(fast().outOfService());
        ObjectFile again = find("kept").orElseThrow();
        assertNotSame(kept, again);
        assertEquals(1, again.chunks().getCardinality());
        assertFalse(again.ready(0), "it is checked before it is read");
    }

    @Test
    void aDiskIsNotOpenedAnewWhileSomebodyHoldsAFileOfBefore() {
        open(Map.of("worker.tier-failures", "1"));
        ObjectFile held = hold("held", 2);
        io.broken = Optional.of(fast().spec().directory());
        hold("try", 1).release();
        turn();
        io.broken = Optional.empty();
        clock.advance(100_000);
        turn();
        assertTrue(fast().outOfService());
        held.release();
        turn();
        assertFalse(fast().outOfService());
    }

    @Test
    void aRefusalNamesTheObjectItsSizeAndWhatEveryTierCouldGive() {
        open(Map.of("worker.admission", "refuse"));
        ObjectRef huge = object("huge", 1000);
        assertTrue(store.holdOrCreate(huge, huge.id(), "ns").isEmpty());
        HearthException refusal = store.refusal(huge).orElseThrow();
        assertEquals(FailureKind.NO_SPACE, refusal.kind());
        for (String part : List.of("huge (3.9MiB)", "MEM", "40KiB of 40KiB", "SSD", "400KiB of 400KiB")) {
            assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        }
    }

    @Test
    void ofTwoCopiesThatACrashLeftTheOneWithAllChunksStays() throws IOException {
        open(Map.of());
        ObjectFile file = inSlowTier("file", 4);
        store.used(file, EvictionPolicy.WHOLE);
        nanos += 1_000;
        upkeep.turn();
        upkeep.turn();
        int copied = upkeep.move().orElseThrow().copy().chunks().getCardinality();
        assertTrue(copied > 0 && copied < 3, copied + " chunks");
        store.close();
        open(Map.of());
        assertSame(slow(), find("file").orElseThrow().tier());
        assertEquals(3, find("file").orElseThrow().chunks().getCardinality());
        assertEquals(0, fast().usedBytes());
    }

    private void open(Map<String, String> overrides) {
        Map<String, String> values = new HashMap<>(Map.of("worker.move-rate", "1GiB"));
        values.putAll(overrides);
        TierEnvironment environment = new TierEnvironment(
                io,
                TierEvents.NONE,
                Runnable::run,
                clock,
                CHUNK_BYTES,
                4,
                1000,
                space,
                new SettingsBinder(Path.of("")).bind(TierSettings.class, values));
        Watermarks marks = new Watermarks(0.95, 0.5);
        store = TierStore.open(
                List.of(
                        new TierSpec(Medium.MEM, directory.resolve("mem"), 10L * CHUNK_BYTES, marks),
                        new TierSpec(Medium.SSD, directory.resolve("ssd"), 100L * CHUNK_BYTES, marks)),
                environment,
                () -> EvictionChoice.S3_FIFO.policy(100));
        upkeep = new TierUpkeep(store, environment, counts, () -> nanos);
    }

    private void turn() {
        turns(1);
    }

    private void turns(int count) {
        for (int i = 0; i < count; i++) {
            nanos += 1_000_000_000;
            upkeep.turn();
        }
    }

    private Tier fast() {
        return store.tiers().get(0);
    }

    private Tier slow() {
        return store.tiers().get(1);
    }

    private ObjectFile hold(String key, int pages) {
        ObjectRef object = object(key, pages);
        return store.holdOrCreate(object, object.id(), "ns").orElseThrow();
    }

    private Optional<ObjectFile> find(String key) {
        return store.files().stream()
                .filter(file -> file.object().key().equals(key))
                .findFirst();
    }

    private ObjectFile filled(String key, int pages) {
        ObjectFile file = hold(key, pages);
        for (int chunk = 0; chunk < file.layout().chunks(); chunk++) {
            write(file, chunk);
        }
        file.release();
        return file;
    }

    private static void write(ObjectFile file, int chunk) {
        byte[] bytes = new byte[file.layout().length(chunk)];
        Arrays.fill(bytes, (byte) (chunk + 1));
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        file.write(chunk, ByteBuffer.wrap(bytes), (int) crc.getValue());
    }

    /** Made while the fast tier has no room. */
    private ObjectFile inSlowTier(String key, int pages) {
        space.scarce.add(fast().spec().directory());
        ObjectFile file = filled(key, pages);
        space.scarce.clear();
        fast().lookAtSpace();
        assertSame(slow(), file.tier());
        return file;
    }

    private static void read(ObjectFile file) {
        assertTrue(file.hold());
        for (int chunk : file.chunks().toArray()) {
            ByteBuffer target = ByteBuffer.allocate(file.layout().length(chunk));
            file.read(file.layout().offset(chunk), target);
            byte[] wanted = new byte[target.capacity()];
            Arrays.fill(wanted, (byte) (chunk + 1));
            assertArrayEquals(wanted, target.array());
        }
        file.release();
    }

    private static void flip(Path path, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 1));
            channel.write(one.flip(), position);
        }
    }

    /** A page of data for each page but the last, whose metadata counts as one. */
    private static ObjectRef object(String key, int pages) {
        long sizeBytes = pages == 1 ? 0 : (pages - 1L) * CHUNK_BYTES;
        return new ObjectRef("origin", key, new Validator.LastModified(1), sizeBytes);
    }
}
