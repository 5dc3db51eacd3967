package io.hearth.worker;

import static io.hearth.worker.FakeOrigin.object;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectChecksum.Algorithm;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a worker does about bytes that rot in its tiers, and about objects that are not what their origin says. */
class IntegrityTest {
    private static final int MIB = 1 << 20;
    private static final Map<String, String> SCRUBBING =
            Map.of("worker.scrub-rate", "1GiB", "worker.scrub-pause", "5ms");
    private static final Map<String, String> COMPARING = Map.of("worker.checksum-min-size", "1MiB");

    @TempDir
    Path home;

    @Test
    void aBitThatRotsUnderReadersIsFoundFetchedAgainAndNeverServedAfter() throws Exception {
        ObjectRef object = object("rots", 6 * MIB + 99);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try (WorkerRig rig = new WorkerRig(home, SCRUBBING)) {
            try (WireClient client = rig.client()) {
                WorkerServingTest.readAll(client, object);
            }
            AtomicBoolean found = new AtomicBoolean();
            AtomicBoolean enough = new AtomicBoolean();
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(threads.submit(() -> readOn(rig, object, found, enough)));
            }
            flip(object, 3 * MIB + 5);
            WorkerRig.await("the flipped bit found", () -> rig.counter("hearth.worker.scrub.corrupt") == 1);
            found.set(true);
            WorkerRig.await("fetched again", () -> rig.origin.bytes.get() == object.sizeBytes() + MIB);
            try (WireClient client = rig.client()) {
                WorkerServingTest.readAll(client, object);
                WorkerServingTest.readAll(client, object);
            }
            enough.set(true);
            for (Future<Integer> reader : readers) {
                reader.get();
            }
            assertEquals(object.sizeBytes() + MIB, rig.origin.bytes.get(), "one chunk, once");
            assertEquals(1, rig.counter("hearth.worker.chunks.corrupt"));
            WorkerRig.await(
                    "the master told",
                    () -> rig.master.held.containsKey(object.id())
                            && rig.master.held.get(object.id()).getCardinality() == 7);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Reads on; once the bad chunk is found, whatever is asked for from then on must be right. */
    private static int readOn(WorkerRig rig, ObjectRef object, AtomicBoolean found, AtomicBoolean enough)
            throws IOException {
        int checked = 0;
        while (!enough.get()) {
            boolean mustBeRight = found.get();
            try (WireClient client = rig.client()) {
                WorkerServingTest.readAll(client, object);
                checked += mustBeRight ? 1 : 0;
            } catch (IOException | AssertionError e) {
                // A whole chunk travels with its checksum, so the reader sees what rotted before the scrubber did.
                assertFalse(mustBeRight, () -> "bad bytes after they were found: " + e);
            }
        }
        return checked;
    }

    @Test
    void whatRotsWhereNobodyReadsIsFetchedAgainToo() throws Exception {
        ObjectRef object = object("quiet", 3 * MIB);
        try (WorkerRig rig = new WorkerRig(home, SCRUBBING);
                WireClient client = rig.client()) {
            WorkerServingTest.readAll(client, object);
            double passes = rig.counter("hearth.worker.scrub.passes");
            flip(object, 7);
            WorkerRig.await("healed", () -> rig.origin.bytes.get() == 4 * MIB);
            WorkerRig.await("two more passes", () -> rig.counter("hearth.worker.scrub.passes") > passes + 2);
            assertEquals(1, rig.counter("hearth.worker.scrub.corrupt"));
            assertTrue(rig.counter("hearth.worker.scrub.bytes") >= 6 * MIB);
            assertTrue(
                    rig.registry.get("hearth.worker.scrub.oldest.age").gauge().value() < 60);
        }
    }

    @Test
    void afterARestartWhatRottedIsDroppedAndLeftToTheNextReader() throws Exception {
        ObjectRef object = object("old", 3 * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            WorkerServingTest.readAll(client, object);
        }
        flip(object, 2 * MIB);
        try (WorkerRig rig = new WorkerRig(home, SCRUBBING)) {
            WorkerRig.await("found", () -> rig.counter("hearth.worker.scrub.corrupt") == 1);
            assertEquals(0, rig.origin.fetches.get(), "nobody's access to the origin is known in this life");
            try (WireClient client = rig.client()) {
                WorkerServingTest.readAll(client, object);
            }
            assertEquals(MIB, rig.origin.bytes.get());
        }
    }

    @Test
    void aReadGoesOnInTheFileThatTakesTheSealedOnesPlace() throws Exception {
        ObjectRef object = object("sealed", 4 * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            WorkerServingTest.readAll(client, object);
        }
        writeAsFirstVersion(meta(object));
        flip(object, 2 * MIB + 77);
        Object inode = Files.getAttribute(data(object), "unix:ino");
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client();
                FileChannel descriptor = FileChannel.open(data(object), StandardOpenOption.READ)) {
            byte before = byteAt(descriptor, 2 * MIB + 77);
            WorkerServingTest.readAll(client, object);
            assertEquals(1, rig.counter("hearth.worker.chunks.corrupt"));
            assertNotEquals(inode, Files.getAttribute(data(object), "unix:ino"));
            assertEquals(before, byteAt(descriptor, 2 * MIB + 77), "the sealed file is never written again");
            WorkerRig.await(
                    "all resident again",
                    () -> rig.master.held.containsKey(object.id())
                            && rig.master.held.get(object.id()).getCardinality() == 4
                            && rig.registry
                                            .get("hearth.worker.fills.running")
                                            .gauge()
                                            .value()
                                    == 0);
            long fetched = rig.origin.bytes.get();
            assertTrue(fetched >= MIB && fetched <= object.sizeBytes(), () -> fetched + " bytes");
            WorkerServingTest.readAll(client, object);
            assertEquals(fetched, rig.origin.bytes.get());
        }
    }

    private static byte byteAt(FileChannel channel, long position) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        channel.read(one, position);
        return one.get(0);
    }

    /** Rewrites a log in the format's first version, whose files count as sealed: decisions/0004 has the layout. */
    private static void writeAsFirstVersion(Path meta) throws IOException {
        ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(meta));
        int headerBytes = log.getShort(6);
        log.putShort(4, (short) 1);
        CRC32C header = new CRC32C();
        header.update(log.array(), 0, headerBytes - 4);
        log.putInt(headerBytes - 4, (int) header.getValue());
        for (int at = headerBytes; at < log.limit(); at += 16) {
            CRC32C crc = new CRC32C();
            crc.update(log.array(), headerBytes - 4, 4);
            crc.update(log.array(), at, 12);
            log.putInt(at + 12, (int) crc.getValue());
        }
        Files.write(meta, log.array());
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void aWholeObjectIsHeldAgainstItsOriginsChecksumOnce(Algorithm algorithm) throws Exception {
        ObjectRef right = object("right-" + algorithm, 11 * MIB + 3);
        try (WorkerRig rig = new WorkerRig(home, COMPARING);
                WireClient client = rig.client()) {
            rig.origin.checksums.put(right.key(), List.of(checksum(right, algorithm)));
            client.read(right, 0, 100);
            WorkerServingTest.readAll(client, right);
            WorkerRig.await("compared", () -> checksums(rig, "matched") == 1);
            WorkerServingTest.readAll(client, right);
            assertEquals(1, rig.origin.heads.get());
            assertEquals(right.sizeBytes(), rig.origin.bytes.get());
            assertEquals(
                    algorithm == Algorithm.CRC32C ? 0 : right.sizeBytes(), rig.counter("hearth.worker.checksum.bytes"));
        }
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void anObjectThatIsNotWhatItsOriginSaysIsDroppedFetchedAgainAndRight(Algorithm algorithm) throws Exception {
        ObjectRef object = object("once-wrong-" + algorithm, 9 * MIB);
        try (WorkerRig rig = new WorkerRig(home, COMPARING);
                WireClient client = rig.client()) {
            rig.origin.checksums.put(object.key(), List.of(checksum(object, algorithm)));
            rig.origin.wrong.add(object.key());
            client.read(object, 0, 2 * MIB);
            // The last block comes right; the mark of the first one stays.
            WorkerRig.await("the first block whole", () -> rig.origin.bytes.get() == 8 * MIB);
            rig.origin.wrong.clear();
            client.read(object, 8 * MIB, MIB);
            WorkerRig.await("found", () -> checksums(rig, "mismatched") == 1);
            WorkerRig.await("fetched again and right", () -> checksums(rig, "matched") == 1);
            WorkerServingTest.readAll(client, object);
            assertEquals(2L * object.sizeBytes(), rig.origin.bytes.get());
            assertEquals(2, rig.origin.heads.get());
        }
    }

    @Test
    void anObjectThatIsWrongTwiceInARowIsRefusedAndNothingStays() throws Exception {
        ObjectRef object = object("always-wrong", 3 * MIB);
        ObjectRef other = object("other", 3 * MIB);
        try (WorkerRig rig = new WorkerRig(home, COMPARING);
                WireClient client = rig.client()) {
            rig.origin.checksums.put(object.key(), List.of(checksum(object, Algorithm.CRC32C)));
            rig.origin.wrong.add(object.key());
            client.read(object, 0, 3 * MIB);
            WorkerRig.await("wrong again", () -> checksums(rig, "mismatched") == 2);
            WorkerRig.await("dropped", () -> !Files.exists(data(object)));
            HearthException refused = assertThrows(HearthException.class, () -> client.read(object, 0, 100));
            assertEquals(FailureKind.CORRUPT, refused.kind());
            assertEquals(FailureKind.Action.ELSEWHERE, refused.kind().action(), "a mount asks the origin itself");
            assertEquals(2 * object.sizeBytes(), rig.origin.bytes.get());
            assertEquals(1, rig.counter("hearth.worker.requests.distrusted"));
            WorkerRig.await("no reservation", () -> !Files.exists(data(object)));
            WorkerServingTest.readAll(client, other);
        }
    }

    @Test
    void anOriginWithoutChecksumsIsAskedOnceAndSmallObjectsAreNot() throws Exception {
        ObjectRef none = object("none", 2 * MIB);
        ObjectRef small = object("small", MIB - 1);
        try (WorkerRig rig = new WorkerRig(home, COMPARING);
                WireClient client = rig.client()) {
            WorkerServingTest.readAll(client, small);
            WorkerServingTest.readAll(client, none);
            WorkerRig.await("asked", () -> checksums(rig, "none") == 1);
            assertEquals(1, rig.origin.heads.get());
        }
    }

    @Test
    void whatWouldHaveToBeReadIsLeftWhereTheRateIsZero() throws Exception {
        ObjectRef object = object("dear", 2 * MIB);
        try (WorkerRig rig =
                        new WorkerRig(home, Map.of("worker.checksum-min-size", "1MiB", "worker.checksum-rate", "0"));
                WireClient client = rig.client()) {
            rig.origin.checksums.put(object.key(), List.of(checksum(object, Algorithm.SHA256)));
            WorkerServingTest.readAll(client, object);
            WorkerRig.await("left", () -> checksums(rig, "skipped") == 1);
            assertEquals(0, rig.counter("hearth.worker.checksum.bytes"));
        }
    }

    private static double checksums(WorkerRig rig, String result) {
        return rig.registry
                .get("hearth.worker.checksums")
                .tag("result", result)
                .counter()
                .count();
    }

    private static ObjectChecksum checksum(ObjectRef object, Algorithm algorithm) throws Exception {
        byte[] bytes = FakeOrigin.expected(object, 0, (int) object.sizeBytes());
        return new ObjectChecksum(
                algorithm,
                switch (algorithm) {
                    case CRC32C -> big(new CRC32C(), bytes, 4);
                    case CRC32 -> big(new java.util.zip.CRC32(), bytes, 4);
                    case CRC64NVME ->
                        ByteBuffer.allocate(8).putLong(crc64(bytes)).array();
                    case SHA256 -> MessageDigest.getInstance("SHA-256").digest(bytes);
                    case SHA1 -> MessageDigest.getInstance("SHA-1").digest(bytes);
                    case MD5 -> MessageDigest.getInstance("MD5").digest(bytes);
                });
    }

    private static byte[] big(java.util.zip.Checksum checksum, byte[] bytes, int length) {
        checksum.update(bytes);
        return ByteBuffer.allocate(length).putInt((int) checksum.getValue()).array();
    }

    /** Bit after bit, as the standard defines it. */
    private static long crc64(byte[] bytes) {
        long crc = -1;
        for (byte one : bytes) {
            crc ^= one & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0x9A6C9329AC4BC9B5L : crc >>> 1;
            }
        }
        return ~crc;
    }

    private Path meta(ObjectRef object) {
        return Path.of(data(object).toString().replace(".data", ".meta"));
    }

    private Path data(ObjectRef object) {
        String id = object.id().toString();
        return home.resolve("mem/objects").resolve(id.substring(0, 2)).resolve(id + ".data");
    }

    private void flip(ObjectRef object, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(data(object), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 4));
            channel.write(one.flip(), position);
        }
    }
}
