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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TierStoreTest {
    private static final int CHUNK_BYTES = 4096;

    @TempDir
    Path directory;

    private int foreignFiles;

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
        bytes[5] = 2;
        Files.write(meta, bytes);
        try (TierStore store = open(spec("one", 64))) {
            assertEquals(1, foreignFiles);
            assertTrue(store.find(object.id()).isEmpty());
            assertTrue(store.holdOrCreate(object, object.id(), "ns").isEmpty(), "its place is taken");
        }
        assertEquals(2, Files.readAllBytes(meta)[5]);
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
            public void verified() {}

            @Override
            public void corrupt() {}

            @Override
            public void foreignFile() {
                foreignFiles++;
            }
        };
        return TierStore.open(
                List.of(specs),
                new TierEnvironment(new FileTierIo(), events, Runnable::run, Clock.systemUTC(), CHUNK_BYTES, 4, 1000),
                LruEvictionPolicy::new);
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
