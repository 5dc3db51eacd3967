package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start costs and leaves to do. */
class TierStartTest {
    private static final int CHUNK_BYTES = 64;
    private static final int OBJECTS = 40;

    @TempDir
    Path directory;

    @Test
    void aStartAsksForEachLogOnceOpensItOnceAndReadsItOnce() {
        make(OBJECTS, 5);
        CountingTierIo io = new CountingTierIo();
        try (TierStore store = open(io, 1000)) {
            assertEquals(OBJECTS, store.size());
            assertTrue(store.files().stream().allMatch(ObjectFile::whole));
            assertEquals(
                    Map.of("standing", OBJECTS, "openToRead", OBJECTS, "read", OBJECTS, "close", OBJECTS), io.counts());
        }
    }

    @Test
    void aTornTailIsCutAndCostsOneOpenMore() throws IOException {
        ObjectFile file = make(1, 5);
        Path log = file.tier().metaPath(file.id());
        long soundBytes = Files.size(log);
        Files.write(log, new byte[21], StandardOpenOption.APPEND);
        CountingTierIo io = new CountingTierIo();
        try (TierStore store = open(io, 1000)) {
            assertTrue(store.find(file.id()).orElseThrow().whole());
            assertEquals(soundBytes, Files.size(log));
            assertEquals(
                    Map.of("standing", 1, "openToRead", 1, "read", 1, "open", 1, "resize", 1, "close", 2), io.counts());
        }
    }

    @Test
    void aLogThatIsLongerThanTheBufferIsReadInParts() {
        ObjectFile file = make(1, 10_000);
        CountingTierIo io = new CountingTierIo();
        try (TierStore store = open(io, 1000)) {
            assertTrue(store.find(file.id()).orElseThrow().whole());
            assertEquals(3, io.counts().get("read"), "160,000 bytes of records by 69,632");
        }
    }

    @Test
    void whatIsAboveASmallerQuotaLeavesAfterTheStartAndNothingComesInBefore() {
        make(600, 1);
        CountingTierIo io = new CountingTierIo();
        try (TierStore store = open(io, 10)) {
            Tier tier = store.tiers().get(0);
            assertEquals(600, store.size(), "a start unlinks nothing");
            assertFalse(io.counts().containsKey("delete"));
            assertTrue(tier.surplus() && tier.full());
            assertEquals(Optional.empty(), hold(store, "newcomer", 1));

            TierUpkeep upkeep = new TierUpkeep(store, environment(io), UpkeepEvents.NONE, () -> 0);
            assertTrue(upkeep.turn(), "more is to leave soon");
            assertEquals(600 - 256, store.size());
            upkeep.turn();
            assertEquals(Optional.empty(), hold(store, "newcomer", 1));
            assertFalse(upkeep.turn());

            assertEquals(10, store.size());
            assertEquals(tier.quotaBytes(), tier.usedBytes());
            assertFalse(tier.surplus() || tier.full());
            hold(store, "newcomer", 1).orElseThrow().release();
            assertEquals(10, store.size());
        }
    }

    @Test
    void aReaderKeepsItsObjectWhileTheSurplusLeaves() {
        make(20, 1);
        CountingTierIo io = new CountingTierIo();
        try (TierStore store = open(io, 1)) {
            List<ObjectFile> held =
                    store.files().stream().filter(ObjectFile::hold).toList();
            TierUpkeep upkeep = new TierUpkeep(store, environment(io), UpkeepEvents.NONE, () -> 0);
            assertFalse(upkeep.turn());
            assertEquals(20, store.size());
            assertTrue(store.tiers().get(0).surplus());
            held.forEach(ObjectFile::release);
            upkeep.turn();
            assertEquals(1, store.size());
            assertFalse(store.tiers().get(0).surplus());
        }
    }

    /** Whole objects of a life before; gives the first. */
    private ObjectFile make(int objects, int chunks) {
        try (TierStore store = open(new FileTierIo(), 1000)) {
            List<ObjectFile> made = new ArrayList<>();
            for (int i = 0; i < objects; i++) {
                ObjectFile file = hold(store, "key-" + i, chunks).orElseThrow();
                for (int chunk = 0; chunk < chunks; chunk++) {
                    file.write(chunk, ByteBuffer.allocate(CHUNK_BYTES), zeroCrc());
                }
                file.release();
                made.add(file);
            }
            return made.get(0);
        }
    }

    private static int zeroCrc() {
        CRC32C crc = new CRC32C();
        crc.update(new byte[CHUNK_BYTES]);
        return (int) crc.getValue();
    }

    private static Optional<ObjectFile> hold(TierStore store, String key, int chunks) {
        ObjectRef object = new ObjectRef("origin", key, new Validator.LastModified(1), (long) chunks * CHUNK_BYTES);
        return store.holdOrCreate(object, object.id(), "ns");
    }

    private static TierEnvironment environment(TierIo io) {
        return new TierEnvironment(
                io,
                TierEvents.NONE,
                Runnable::run,
                new TestClock(),
                CHUNK_BYTES,
                4,
                1000,
                new TestSpace(),
                TierSettings.defaults());
    }

    /** @param smallObjects of one chunk that the quota has room for */
    private TierStore open(TierIo io, int smallObjects) {
        TierSpec spec = new TierSpec(
                Medium.SSD, directory, smallObjects * Tier.chargeBytes(CHUNK_BYTES), new Watermarks(1, 0.9));
        return TierStore.open(List.of(spec), environment(io), () -> EvictionChoice.S3_FIFO.policy(100));
    }
}
