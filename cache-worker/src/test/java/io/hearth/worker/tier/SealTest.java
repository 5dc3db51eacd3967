package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.worker.tier.MetaFormat.ChunkRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.roaringbitmap.RoaringBitmap;

/** Files whose descriptors may be out: their bytes are never changed, and a bad chunk makes a new file. */
class SealTest {
    private static final int CHUNK_BYTES = 4096;
    private static final ObjectRef OBJECT =
            new ObjectRef("origin", "weights", new Validator.LastModified(1), 3L * CHUNK_BYTES - 9);

    @TempDir
    Path directory;

    @Test
    void aFileIsWhollyVerifiedOnceAWorkersLife() throws IOException {
        try (TierStore store = open(64)) {
            ObjectFile file = hold(store);
            fill(file, 0, 2);
            assertFalse(verifyWhole(file), "a chunk is missing");
            fill(file, 1);
            assertTrue(verifyWhole(file));
            file.release();
        }
        try (TierStore store = open(64)) {
            ObjectFile file = hold(store);
            assertFalse(file.ready(0));
            assertTrue(verifyWhole(file));
            flip(file, 1);
            assertTrue(verifyWhole(file), "not read twice: what rots from now on is the scrubber's to find");
            file.release();
        }
        try (TierStore store = open(64)) {
            ObjectFile file = hold(store);
            assertFalse(verifyWhole(file));
            assertEquals(RoaringBitmap.bitmapOf(0, 2), file.readyChunks());
            file.release();
        }
    }

    @Test
    void theSealStandsInTheLogOnceAndOutlivesTheWorker() throws IOException {
        Path log;
        try (TierStore store = open(64)) {
            ObjectFile file = hold(store);
            fill(file, 0, 1, 2);
            log = file.tier().metaPath(file.id());
            long before = Files.size(log);
            assertFalse(file.sealed());
            file.seal();
            file.seal();
            assertTrue(file.sealed());
            assertEquals(before + MetaFormat.RECORD_BYTES, Files.size(log), "one mark");
            assertEquals(MetaFormat.SEAL, Files.readAllBytes(log)[(int) before]);
            file.release();
        }
        long length = Files.size(log);
        try (TierStore store = open(64)) {
            ObjectFile file = hold(store);
            assertTrue(file.sealed());
            assertTrue(verifyWhole(file), "the mark is no torn tail");
            assertEquals(length, Files.size(log));
            flip(file, 2);
            assertFalse(file.recheck(2, scratch()));
            assertTrue(file.condemned(), "a mapping may have outlived the worker that handed it out");
            file.release();
        }
    }

    @Test
    void aBadChunkOfASealedFileLeavesItsInodeAsItIsAndMakesANewOne() throws IOException {
        try (TierStore store = open(64)) {
            ObjectFile old = hold(store);
            fill(old, 0, 1, 2);
            old.seal();
            Path path = old.tier().dataPath(old.id());
            Object inode = inode(old);
            flip(old, 1);
            byte[] seen = Files.readAllBytes(path);
            try (FileChannel descriptor = FileChannel.open(path, StandardOpenOption.READ)) {
                assertFalse(old.recheck(1, scratch()));
                assertTrue(old.condemned());
                assertThrows(HearthException.class, () -> fill(old, 1), "a sealed file is never written again");
                store.renew(old);
                ByteBuffer kept = ByteBuffer.allocate(seen.length);
                descriptor.read(kept, 0);
                assertEquals(ByteBuffer.wrap(seen), kept.flip(), "whoever holds the descriptor sees what it saw");
                ObjectFile fresh = hold(store);
                assertNotSame(old, fresh);
                assertNotEquals(inode, inode(fresh));
                assertFalse(fresh.sealed() || fresh.condemned());
                assertEquals(RoaringBitmap.bitmapOf(0, 2), fresh.readyChunks());
                assertEquals(old.chargeBytes(), old.tier().zombieBytes());
                fill(fresh, 1);
                assertTrue(verifyWhole(fresh));
                old.release();
                assertEquals(0, old.tier().zombieBytes());
                store.renew(old);
                store.renew(fresh);
                assertEquals(Optional.of(fresh), store.find(OBJECT.id()));
                fresh.release();
            }
        }
    }

    @Test
    void withoutRoomForTwoACondemnedObjectLeaves() throws IOException {
        try (TierStore store = open(5)) {
            ObjectFile old = hold(store);
            fill(old, 0, 1, 2);
            old.seal();
            flip(old, 0);
            assertFalse(old.recheck(0, scratch()));
            store.renew(old);
            assertTrue(store.find(OBJECT.id()).isEmpty());
            old.release();
            assertEquals(0, store.tiers().get(0).usedBytes());
        }
    }

    @Test
    void filesOfTheFirstFormatVersionAreReadAndKnowNoSeals() throws IOException {
        int headerBytes;
        try (TierStore store = open(64)) {
            ObjectFile file = hold(store);
            fill(file, 0, 1, 2);
            byte[] header = MetaFormat.header("ns", OBJECT, CHUNK_BYTES, 0);
            headerBytes = header.length;
            header[5] = 1;
            CRC32C crc = new CRC32C();
            crc.update(header, 0, headerBytes - Integer.BYTES);
            ByteBuffer log = ByteBuffer.allocate(headerBytes + 3 * MetaFormat.RECORD_BYTES);
            log.put(header).putInt(headerBytes - Integer.BYTES, (int) crc.getValue());
            for (ChunkRecord next : List.of(
                    new ChunkRecord(MetaFormat.SET, 0, file.crc(0).orElseThrow()),
                    new ChunkRecord(MetaFormat.SEAL, 0, 0),
                    new ChunkRecord(MetaFormat.SET, 1, file.crc(1).orElseThrow()))) {
                log.put(MetaFormat.record((int) crc.getValue(), next));
            }
            Files.write(file.tier().metaPath(file.id()), log.array());
            file.release();
        }
        try (TierStore store = open(64)) {
            ObjectFile file = hold(store);
            assertFalse(verifyWhole(file));
            assertEquals(RoaringBitmap.bitmapOf(0), file.readyChunks(), "an unknown record ends the log");
            file.seal();
            assertTrue(file.sealed());
            assertEquals(
                    headerBytes + MetaFormat.RECORD_BYTES,
                    Files.size(file.tier().metaPath(file.id())),
                    "sealed by its age: no record that its version does not know");
            file.release();
        }
    }

    @Test
    void aDroppedSealedFileStaysWholeForItsHolders() {
        try (TierStore store = open(64)) {
            ObjectFile file = hold(store);
            fill(file, 0, 1, 2);
            file.seal();
            store.evict(Set.of(file.id()));
            assertTrue(file.recheck(0, scratch()) && file.recheck(1, scratch()) && file.recheck(2, scratch()));
            file.release();
        }
    }

    @Test
    void aSealThatCannotBeWrittenIsNone() {
        FaultyTierIo io = new FaultyTierIo(new Random(1), Long.MAX_VALUE);
        try (TierStore store = open(64, io)) {
            ObjectFile file = hold(store);
            fill(file, 0);
            io.diskFull = true;
            assertEquals(
                    FailureKind.NO_SPACE,
                    assertThrows(HearthException.class, file::seal).kind());
            assertFalse(file.sealed());
            io.diskFull = false;
            file.seal();
            assertTrue(file.sealed());
            file.release();
        }
    }

    private TierStore open(int chunks) {
        return open(chunks, new FileTierIo());
    }

    private TierStore open(int chunks, TierIo io) {
        return TierStore.open(
                List.of(new TierSpec(Medium.MEM, directory.resolve("tier"), (long) chunks * CHUNK_BYTES)),
                new TierEnvironment(io, TierEvents.NONE, Runnable::run, Clock.systemUTC(), CHUNK_BYTES, 4, 1000),
                () -> EvictionChoice.S3_FIFO.policy(100));
    }

    private static ObjectFile hold(TierStore store) {
        return store.holdOrCreate(OBJECT, OBJECT.id(), "ns").orElseThrow();
    }

    private static ByteBuffer scratch() {
        return ByteBuffer.allocate(1000);
    }

    private static Object inode(ObjectFile file) throws IOException {
        return Files.getAttribute(file.tier().dataPath(file.id()), "unix:ino");
    }

    private static void fill(ObjectFile file, int... chunks) {
        for (int chunk : chunks) {
            byte[] bytes = new byte[file.layout().length(chunk)];
            Arrays.fill(bytes, (byte) (chunk + 1));
            CRC32C crc = new CRC32C();
            crc.update(bytes, 0, bytes.length);
            file.write(chunk, ByteBuffer.wrap(bytes), (int) crc.getValue());
        }
    }

    private static void flip(ObjectFile file, int chunk) throws IOException {
        try (FileChannel channel = FileChannel.open(file.tier().dataPath(file.id()), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {99}), file.layout().offset(chunk) + 5);
        }
    }

    /** Reads and compares what was not verified in this life; gives whether every chunk is here and ready. */
    private static boolean verifyWhole(ObjectFile file) {
        for (int chunk : file.chunks().toArray()) {
            file.verify(chunk, scratch());
        }
        return file.wholeAndReady();
    }
}
