package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.roaringbitmap.RoaringBitmap;

class TierStoreTest {
    private static final int CHUNK_BYTES = 4096;

    @TempDir
    Path directory;

    private int foreignFiles;
    private int corrupt;

    @Test
    void anObjectGoesToTheFirstTierThatIsLargeEnough() {
        try (TierStore store = open(spec("small", 16), spec("large", 64))) {
            ObjectFile small = hold(store, object("small", 4));
            ObjectFile large = hold(store, object("large", 20));
            assertEquals(Medium.MEM, small.tier().spec().medium());
            assertEquals(64 * CHUNK_BYTES, large.tier().spec().quotaBytes());
            assertTrue(store.holdOrCreate(object("huge", 65), object("huge", 65).id(), "ns")
                    .isEmpty());
            small.release();
            large.release();
        }
    }

    @Test
    void aHeldObjectIsNotEvictedForRoomAndStaysWholeWhenEvictedByOrder() {
        try (TierStore store = open(spec("one", 10))) {
            ObjectFile held = hold(store, object("held", 8));
            fill(held, 0);
            ObjectRef other = object("other", 8);
            assertTrue(store.holdOrCreate(other, other.id(), "ns").isEmpty(), "no room while the other is held");
            assertEquals(1, store.evict(Set.of(held.id())).objects());
            assertFalse(Files.exists(held.tier().dataPath(held.id())));
            assertEquals(held.chargeBytes(), held.tier().zombieBytes());
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
            held.read(0, bytes);
            assertEquals(7, bytes.get(100));
            assertTrue(store.holdOrCreate(other, other.id(), "ns").isEmpty(), "zombies count against the quota");
            held.release();
            assertEquals(0, held.tier().usedBytes());
            hold(store, other).release();
        }
    }

    @Test
    void aQuarantinedObjectGivesItsHoldersNothingMore() {
        ObjectRef object = object("wrong", 3);
        try (TierStore store = open(spec("one", 10))) {
            ObjectFile held = hold(store, object);
            fill(held, 0);
            Lease lease = store.lease(held.id()).orElseThrow();
            assertTrue(lease.recheck(0, ByteBuffer.allocate(100)));
            store.quarantine(held);
            assertFalse(held.ready(0) || held.has(0) || held.crc(0).isPresent());
            assertThrows(IllegalStateException.class, () -> held.read(0, ByteBuffer.allocate(10)));
            assertEquals(0, held.residentBytes());
            assertTrue(lease.chunksReadBack().isEmpty());
            assertTrue(store.find(held.id()).isEmpty());
            assertFalse(Files.exists(held.tier().dataPath(held.id()))
                    || Files.exists(held.tier().metaPath(held.id())));
            held.release();
            lease.close();
            assertEquals(0, store.tiers().get(0).usedBytes());
        }
        try (TierStore store = open(spec("one", 10))) {
            assertTrue(store.find(object.id()).isEmpty());
        }
    }

    @Test
    void aLeasedObjectIsNotEvictedForRoomAndWhatComesAfterItSpillsToTheNextTier() {
        try (TierStore store = open(spec("first", 10), spec("second", 10))) {
            Lease leased = lease(store, object("leased", 8));
            Lease spilled = lease(store, object("spilled", 8));
            assertEquals(10L * CHUNK_BYTES, leased.file().tier().spec().quotaBytes());
            assertEquals(store.tiers().get(1), spilled.file().tier());
            ObjectRef third = object("third", 8);
            assertTrue(store.holdOrCreate(third, third.id(), "ns").isEmpty(), "both tiers are leased");
            assertTrue(leased.file().pinned());
            assertTrue(leased.file().hold());
            fill(leased.file(), 0);
            leased.file().release();
            leased.close();
            leased.close();
            hold(store, third).release();
            assertTrue(store.find(leased.file().id()).isEmpty(), "the lease has ended, so it made room");
            spilled.close();
        }
    }

    @Test
    void anOrderDropsALeasedFileAtOnceAndItsLeaseHoldsNothingMore() {
        try (TierStore store = open(spec("one", 10))) {
            Lease first = lease(store, object("a", 8));
            Lease second = lease(store, object("a", 8));
            assertEquals(9L * CHUNK_BYTES, store.tiers().get(0).heldBytes());
            store.evict(Set.of(first.file().id()));
            assertEquals(0, store.tiers().get(0).usedBytes());
            assertEquals(0, store.tiers().get(0).heldBytes());
            Lease other = lease(store, object("b", 8));
            first.close();
            second.close();
            assertEquals(9L * CHUNK_BYTES, store.tiers().get(0).heldBytes());
            other.close();
            assertEquals(0, store.tiers().get(0).heldBytes());
        }
    }

    @Test
    void leasesKeepNoFilesOpen() throws IOException {
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        try (TierStore store = open(spec("one", 400))) {
            for (int i = 0; i < 100; i++) {
                lease(store, object("o" + i, 2));
            }
            long open;
            try (var links = Files.list(Path.of("/proc/self/fd"))) {
                open = links.filter(link -> readLink(link).startsWith(directory + "/one/objects"))
                        .count();
            }
            assertEquals(2 * 4, open, "two for each of the files that stay open while idle");
        }
    }

    @Test
    void aByteThatChangedUnderAVerifiedChunkIsFoundByReadingItBack() throws IOException {
        ObjectRef object = object("rots", 3);
        try (TierStore store = open(spec("one", 64))) {
            ObjectFile file = hold(store, object);
            fill(file, 0);
            fill(file, 1);
            Lease lease = store.lease(file.id()).orElseThrow();
            Lease other = store.lease(file.id()).orElseThrow();
            assertTrue(lease.recheck(0, ByteBuffer.allocate(100)) && lease.recheck(1, ByteBuffer.allocate(9999)));
            assertFalse(lease.recheck(2, ByteBuffer.allocate(100)), "it is not here");
            assertEquals(org.roaringbitmap.RoaringBitmap.bitmapOf(0, 1), lease.chunksReadBack());
            flip(file.tier().dataPath(file.id()), CHUNK_BYTES + 5);
            assertTrue(file.ready(1), "nobody knows yet");
            assertFalse(other.recheck(1, ByteBuffer.allocate(100)));
            assertFalse(file.ready(1) || file.has(1));
            assertEquals(CHUNK_BYTES, file.residentBytes());
            assertEquals(1, corrupt);
            fill(file, 1);
            assertEquals(
                    org.roaringbitmap.RoaringBitmap.bitmapOf(0), lease.chunksReadBack(), "written anew, not read back");
            file.release();
        }
        try (TierStore store = open(spec("one", 64))) {
            assertEquals(2L * CHUNK_BYTES, store.find(object.id()).orElseThrow().residentBytes());
        }
    }

    @Test
    void aChunkThatReadBackWrongStaysAwayInTheNextLife() throws IOException {
        ObjectRef object = object("rots", 1);
        try (TierStore store = open(spec("one", 64))) {
            ObjectFile file = hold(store, object);
            fill(file, 0);
            flip(file.tier().dataPath(file.id()), 5);
            assertFalse(store.lease(file.id()).orElseThrow().recheck(0, ByteBuffer.allocate(100)));
            file.release();
        }
        try (TierStore store = open(spec("one", 64))) {
            assertFalse(store.find(object.id()).orElseThrow().has(0));
        }
    }

    @Test
    void roomIsCountedBeforeAnythingIsMadeOrEvicted() {
        try (TierStore store = open(spec("first", 10), spec("second", 20))) {
            ObjectFile idle = hold(store, object("idle", 4));
            idle.release();
            ObjectFile held = hold(store, object("held", 3));
            Room fits = store.room(wanted(object("x", 19), object("y", 5), object("held", 3)));
            assertTrue(fits.fits(), "the idle one can go, the held one is there already: " + fits);
            assertEquals(26L * CHUNK_BYTES, fits.wantedBytes());
            Room known = store.room(wanted(object("idle", 4), object("x", 19), object("y", 5)));
            assertEquals(Optional.of(object("y", 5).id()), known.misfit().map(Room.Wanted::id));
            assertEquals(31L * CHUNK_BYTES, known.wantedBytes());
            assertEquals(30L * CHUNK_BYTES, known.lentBytes());
            assertEquals(4L * CHUNK_BYTES, known.heldBytes());
            assertTrue(store.room(wanted(object("x", 19), object("x", 19))).fits(), "one object, named twice");
            assertFalse(store.room(wanted(object("huge", 20))).fits());
            assertEquals(2, store.size());
            held.tier().pause(new HearthException(FailureKind.NO_SPACE, "as the test wants it"));
            Room paused = store.room(wanted(object("z", 1), object("x", 19)));
            assertFalse(paused.fits());
            assertTrue(paused.paused());
            held.release();
        }
    }

    @Test
    void whatRoomSaysIsWhatLeasesFind() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        int fitted = 0;
        for (int plan = 0; plan < 200; plan++) {
            try (TierStore store = open(spec("a" + plan, 10), spec("b" + plan, 16))) {
                List<Lease> leases = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    ObjectRef object = object("before" + i, 1 + random.nextInt(6));
                    store.leaseOrCreate(object, object.id(), "ns").ifPresent(leases::add);
                }
                leases.removeIf(lease -> {
                    boolean end = random.nextBoolean();
                    if (end) {
                        lease.close();
                    }
                    return end;
                });
                ObjectRef[] objects = new ObjectRef[4];
                for (int i = 0; i < objects.length; i++) {
                    objects[i] = object("new" + i, 1 + random.nextInt(6));
                }
                boolean fits = store.room(wanted(objects)).fits();
                boolean all = true;
                for (ObjectRef object : objects) {
                    all &= store.leaseOrCreate(object, object.id(), "ns").isPresent();
                }
                assertEquals(fits, all, "plan " + plan + " of seed " + seed);
                fitted += fits ? 1 : 0;
            }
        }
        assertTrue(fitted > 20 && fitted < 180, fitted + " of 200 plans fit: the plans show too little, seed " + seed);
    }

    private static Lease lease(TierStore store, ObjectRef object) {
        return store.leaseOrCreate(object, object.id(), "ns").orElseThrow();
    }

    private static List<Room.Wanted> wanted(ObjectRef... objects) {
        return Arrays.stream(objects)
                .map(object -> new Room.Wanted(object.id(), object.sizeBytes()))
                .toList();
    }

    private static String readLink(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static void flip(Path path, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 4));
            channel.write(one.flip(), position);
        }
    }

    @Test
    void filesOfAnotherFormatVersionAreLeftAlone() throws IOException {
        ObjectRef object = object("future", 2);
        Path meta;
        try (TierStore store = open(spec("one", 64))) {
            ObjectFile file = hold(store, object);
            fill(file, 0);
            file.release();
            meta = file.tier().metaPath(file.id());
        }
        byte[] bytes = Files.readAllBytes(meta);
        bytes[5] = MetaFormat.VERSION + 1;
        Files.write(meta, bytes);
        try (TierStore store = open(spec("one", 64))) {
            assertEquals(1, foreignFiles);
            assertTrue(store.find(object.id()).isEmpty());
            assertTrue(store.holdOrCreate(object, object.id(), "ns").isEmpty(), "its place is taken");
        }
        assertEquals(MetaFormat.VERSION + 1, Files.readAllBytes(meta)[5]);
    }

    @Test
    void ofTwoFilesThatDifferTheOneThatWasCopiedFromStays() throws IOException {
        assertEquals(RoaringBitmap.bitmapOf(1, 2), restored("copied", 1), "a crash came in the middle of a move");
        assertEquals(RoaringBitmap.bitmapOf(0, 1), restored("twice", 0), "the first of two strangers");
    }

    /** What is there of an object with chunks 0 and 1 in the first tier, in a copy after so many moves, and 1 and 2 in the second. */
    private RoaringBitmap restored(String key, int moves) throws IOException {
        ObjectRef object = object(key, 3);
        try (TierStore store = open(spec("second", 64))) {
            ObjectFile file = hold(store, object);
            fill(file, 1);
            fill(file, 2);
            file.release();
        }
        byte[] header = MetaFormat.header("ns", object, CHUNK_BYTES, moves);
        ByteBuffer log =
                ByteBuffer.allocate(header.length + 2 * MetaFormat.RECORD_BYTES).put(header);
        Path meta;
        try (TierStore store = open(spec("first", 64))) {
            ObjectFile file = hold(store, object);
            fill(file, 0);
            fill(file, 1);
            int crc = MetaFormat.parse(ByteBuffer.wrap(header), CHUNK_BYTES).crc();
            for (int chunk = 0; chunk < 2; chunk++) {
                int sum = file.crc(chunk).orElseThrow();
                log.put(MetaFormat.record(crc, new MetaFormat.ChunkRecord(MetaFormat.SET, chunk, sum)));
            }
            meta = file.tier().metaPath(file.id());
            file.release();
        }
        Files.write(meta, log.array());
        try (TierStore store = open(spec("first", 64), spec("second", 64))) {
            return store.find(object.id()).orElseThrow().chunks();
        }
    }

    @Test
    void aTierOfAnotherFormatIsRefusedInWords() throws IOException {
        open(spec("one", 8)).close();
        Files.writeString(directory.resolve("one/FORMAT"), "hearth-tier 9\n");
        HearthException refused = assertThrows(HearthException.class, () -> open(spec("one", 8)));
        assertEquals(FailureKind.UNSUPPORTED_VERSION, refused.kind());
        assertTrue(refused.getMessage().contains("hearth-tier 9"), refused.getMessage());
    }

    @Test
    void aFolderOfOtherThingsIsNoTier() throws IOException {
        Files.createDirectories(directory.resolve("photos"));
        Files.writeString(directory.resolve("photos/cat.jpg"), "x");
        HearthException refused = assertThrows(HearthException.class, () -> open(spec("photos", 8)));
        assertTrue(refused.getMessage().contains("cat.jpg"), refused.getMessage());
        assertTrue(Files.exists(directory.resolve("photos/cat.jpg")));
    }

    @Test
    void oneOpenTierHasOneOwner() {
        try (TierStore store = open(spec("one", 8))) {
            HearthException refused = assertThrows(HearthException.class, () -> open(spec("one", 8)));
            assertEquals(FailureKind.CONFLICT, refused.kind());
            assertEquals(0, store.size());
        }
        open(spec("one", 8)).close();
    }

    @Test
    void aSmallerQuotaInTheNextLifeEvictsTheOldestUntilItHolds() throws IOException {
        try (TierStore store = open(spec("one", 64))) {
            for (int i = 0; i < 4; i++) {
                ObjectFile file = hold(store, object("o" + i, 4));
                fill(file, 0);
                file.release();
                Files.setLastModifiedTime(
                        file.tier().metaPath(file.id()), java.nio.file.attribute.FileTime.fromMillis(1000L * i));
            }
        }
        try (TierStore store = open(spec("one", 11))) {
            assertEquals(4, store.size());
            new TierUpkeep(store, environment(TierEvents.NONE), UpkeepEvents.NONE, () -> 0).turn();
            assertEquals(2, store.size());
            assertTrue(store.find(object("o3", 4).id()).isPresent());
            assertTrue(store.find(object("o0", 4).id()).isEmpty());
        }
    }

    @Test
    void aFileThatSomebodyRemovedIsMadeAnew() throws IOException {
        try (TierStore store = open(spec("one", 64))) {
            ObjectRef object = object("gone", 2);
            ObjectFile file = hold(store, object);
            fill(file, 0);
            file.release();
            file.closeIfIdle();
            Files.delete(file.tier().dataPath(file.id()));
            ObjectFile again = hold(store, object);
            assertFalse(again.has(0));
            again.release();
        }
    }

    @Test
    void tierSettingsAreReadOrRefusedInWords() {
        Path home = Path.of("/home/a");
        assertEquals(new TierSpec(Medium.SSD, Path.of("/x:y"), 1 << 30), TierSpec.parse("ssd:/x:y:1GiB", home));
        TierSpec auto = TierSpec.parse("MEM:auto:1MiB", home);
        assertTrue(auto.directory().startsWith("/dev/shm"), auto.toString());
        assertFalse(auto.equals(TierSpec.parse("MEM:auto:1MiB", Path.of("/home/b"))));
        TierSpec marked = TierSpec.parse("HDD:/x:1GiB:low=0.5:high=0.75", home);
        assertEquals(new TierSpec(Medium.HDD, Path.of("/x"), 1 << 30, new Watermarks(0.75, 0.5)), marked);
        assertEquals(
                new Watermarks(0.9, 0.85),
                TierSpec.parse("HDD:/x:1GiB:high=0.9", home).watermarks());
        List<String> badMarks =
                List.of("high=0.8", "high=1.1", "low=0", "low=0.96", "low=x", "high=0.9:low=0.9", "mid=1");
        for (String bad : badMarks) {
            HearthException refused =
                    assertThrows(HearthException.class, () -> TierSpec.parse("MEM:/x:1GiB:" + bad, home), bad);
            assertEquals(FailureKind.INVALID, refused.kind());
        }
        for (String bad : List.of("", "MEM", "MEM:/x", "TAPE:/x:1GiB", "SSD:auto:1GiB", "MEM::1GiB", "MEM:/x:much")) {
            assertEquals(
                    FailureKind.INVALID,
                    assertThrows(HearthException.class, () -> TierSpec.parse(bad, home), bad)
                            .kind());
        }
    }

    private TierStore open(TierSpec... specs) {
        TierEvents events = new TierEvents() {
            @Override
            public void residencyChanged(io.hearth.protocol.ObjectId object) {}

            @Override
            public void evicted(long residentBytes) {}

            @Override
            public void blockEvicted(long residentBytes) {}

            @Override
            public void verified() {}

            @Override
            public void corrupt() {
                corrupt++;
            }

            @Override
            public void foreignFile() {
                foreignFiles++;
            }
        };
        return TierStore.open(List.of(specs), environment(events), () -> EvictionChoice.S3_FIFO.policy(100));
    }

    private static TierEnvironment environment(TierEvents events) {
        return new TierEnvironment(new FileTierIo(), events, Runnable::run, Clock.systemUTC(), CHUNK_BYTES, 4, 1000);
    }

    private TierSpec spec(String name, int chunks) {
        return new TierSpec(Medium.MEM, directory.resolve(name), (long) chunks * CHUNK_BYTES);
    }

    private static ObjectRef object(String key, int chunks) {
        return new ObjectRef("origin", key, new Validator.LastModified(1), (long) chunks * CHUNK_BYTES);
    }

    private static ObjectFile hold(TierStore store, ObjectRef object) {
        return store.holdOrCreate(object, object.id(), "ns").orElseThrow();
    }

    private static void fill(ObjectFile file, int chunk) {
        byte[] bytes = new byte[CHUNK_BYTES];
        java.util.Arrays.fill(bytes, (byte) 7);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        file.write(chunk, ByteBuffer.wrap(bytes), (int) crc.getValue());
    }
}
