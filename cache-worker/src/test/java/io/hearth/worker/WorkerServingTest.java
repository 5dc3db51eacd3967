package io.hearth.worker;

import static io.hearth.worker.FakeOrigin.expected;
import static io.hearth.worker.FakeOrigin.object;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.wire.Message;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerServingTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path home;

    @Test
    void theSecondReadOfAResidentObjectAsksTheOriginNothing() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            ObjectRef object = object("a", 10 * MIB + 123);
            readAll(client, object);
            int fetches = rig.origin.fetches.get();
            assertEquals(2, fetches, "two blocks");
            assertEquals(object.sizeBytes(), rig.origin.bytes.get());
            readAll(client, object);
            assertEquals(fetches, rig.origin.fetches.get());
            assertEquals(22, client.wholeChunks());
            assertEquals(
                    object.sizeBytes(),
                    rig.registry
                            .get("hearth.worker.bytes.served")
                            .tag("source", "tier")
                            .counter()
                            .count());
            assertEquals(
                    object.sizeBytes(),
                    rig.registry
                            .get("hearth.worker.bytes.served")
                            .tag("source", "fill")
                            .counter()
                            .count());
        }
    }

    @ParameterizedTest
    @CsvSource({"s3-fifo, 0", "lru, 3"})
    void aScanInManyRequestsLeavesWhatIsReadAgain(String policy, int fetchedAgain) throws Exception {
        Map<String, String> settings =
                Map.of("worker.tiers", "MEM:" + home.resolve("mem") + ":16MiB", "worker.eviction-policy", policy);
        try (WorkerRig rig = new WorkerRig(home, settings);
                WireClient client = rig.client()) {
            List<ObjectRef> hot = List.of(object("a", 2 * MIB), object("b", 2 * MIB), object("c", 2 * MIB));
            for (int pass = 0; pass < 2; pass++) {
                for (ObjectRef object : hot) {
                    readInPieces(client, object);
                }
            }
            for (int i = 0; i < 60; i++) {
                readInPieces(client, object("scan-" + i, 2 * MIB));
            }
            int before = rig.origin.fetches.get();
            for (ObjectRef object : hot) {
                readInPieces(client, object);
            }
            assertEquals(fetchedAgain, rig.origin.fetches.get() - before);
        }
    }

    private static void readInPieces(WireClient client, ObjectRef object) throws IOException {
        int piece = MIB / 2;
        for (int offset = 0; offset < object.sizeBytes(); offset += piece) {
            assertArrayEquals(expected(object, offset, piece), client.read(object, offset, piece));
        }
    }

    @Test
    void sixteenReadersOfOneColdObjectFetchEachByteOnce() throws Exception {
        ObjectRef object = object("cold", 20 * MIB + 7);
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try (WorkerRig rig = new WorkerRig(home, Map.of())) {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                readers.add(threads.submit(() -> {
                    try (WireClient client = rig.client()) {
                        readAll(client, object);
                    }
                    return null;
                }));
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
            assertEquals(object.sizeBytes(), rig.origin.bytes.get());
            assertEquals(3, rig.origin.fetches.get());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void theWantedChunkComesFirstAndBeforeItsBlockIsWhole() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            ObjectRef object = object("seek", 8 * MIB);
            rig.origin.pieces.drainPermits();
            long id = client.ask(object, 5 * MIB + 10, 100);
            rig.origin.pieces.release(11); // a little more than a chunk
            assertArrayEquals(expected(object, 5 * MIB + 10, 100), client.answer(id, 5 * MIB + 10, 100));
            assertEquals(List.of(5L * MIB), rig.origin.offsets);
            rig.origin.pieces.release(1 << 20);
            readAll(client, object);
            assertEquals(object.sizeBytes(), rig.origin.bytes.get());
            assertEquals(List.of(5L * MIB, 0L), rig.origin.offsets);
        }
    }

    @Test
    void aRestartKeepsTheCacheAndGrowsTheIncarnation() throws Exception {
        ObjectRef object = object("kept", 3 * MIB + 1);
        String id;
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            readAll(client, object);
            id = rig.worker.id();
            assertEquals(1, rig.worker.incarnation());
        }
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            readAll(client, object);
            assertEquals(0, rig.origin.fetches.get());
            assertEquals(4, rig.counter("hearth.worker.chunks.verified"));
            assertEquals(id, rig.worker.id());
            assertEquals(2, rig.worker.incarnation());
        }
    }

    @Test
    void aBitFlippedBetweenTwoLivesIsFoundAndFetchedAgain() throws Exception {
        ObjectRef object = object("rotten", 4 * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            readAll(client, object);
        }
        flip(home.resolve("mem/objects"), object, 2 * MIB + 77);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            readAll(client, object);
            assertEquals(MIB, rig.origin.bytes.get());
            assertEquals(1, rig.counter("hearth.worker.chunks.corrupt"));
        }
    }

    @Test
    void theLeastRecentlyUsedObjectMakesRoom() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.tiers", "MEM:" + home.resolve("small") + ":8MiB"));
                WireClient client = rig.client()) {
            ObjectRef first = object("first", 3 * MIB);
            ObjectRef second = object("second", 3 * MIB);
            readAll(client, first);
            readAll(client, second);
            readAll(client, first);
            readAll(client, object("third", 3 * MIB));
            rig.origin.bytes.set(0);
            readAll(client, first);
            assertEquals(0, rig.origin.bytes.get(), "used last, so kept");
            readAll(client, second);
            assertEquals(second.sizeBytes(), rig.origin.bytes.get(), "evicted, so fetched");
            assertTrue(rig.registry
                            .get("hearth.worker.tier.used")
                            .tag("medium", "mem")
                            .gauge()
                            .value()
                    <= 8 * MIB);
        }
    }

    @Test
    void anObjectLargerThanEveryQuotaIsReadThroughAndNotKept() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.tiers", "MEM:" + home.resolve("small") + ":2MiB"));
                WireClient client = rig.client()) {
            ObjectRef object = object("huge", 9 * MIB + 5);
            readAll(client, object);
            readAll(client, object);
            assertEquals(2 * object.sizeBytes(), rig.origin.bytes.get());
            assertEquals(0, rig.registry.get("hearth.worker.objects").gauge().value());
        }
    }

    @Test
    void aFailedFillFailsItsReaderWithTheKindAndTheNextReadTriesAgain() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            ObjectRef object = object("stale", 2 * MIB);
            rig.origin.failure = Optional.of(FailureKind.STALE);
            rig.origin.failAfterBytes = MIB / 2;
            HearthException failure = assertThrows(HearthException.class, () -> client.read(object, 0, 2 * MIB));
            assertEquals(FailureKind.STALE, failure.kind());
            assertThrows(HearthException.class, () -> client.read(FakeOrigin.object("gone", 10 * MIB), 9 * MIB, 10));
            WorkerRig.await(
                    "an object that is gone takes no room",
                    () -> rig.registry
                                    .get("hearth.worker.tier.used")
                                    .tag("medium", "mem")
                                    .gauge()
                                    .value()
                            == 0);
            rig.origin.failure = Optional.empty();
            readAll(client, object);
        }
    }

    @Test
    void aPrefetchBringsTheRangeInTheBackground() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            ObjectRef object = object("soon", 20 * MIB);
            client.send(new Message.Prefetch(WireClient.CONTEXT, object, 0, object.sizeBytes()));
            WorkerRig.await("20 MiB filled", () -> rig.counter("hearth.worker.fill.bytes") == object.sizeBytes());
            int fetches = rig.origin.fetches.get();
            readAll(client, object);
            assertEquals(fetches, rig.origin.fetches.get());
        }
    }

    @Test
    void aCancelledReadLeavesTheConnectionInUse() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            ObjectRef object = object("cancelled", 8 * MIB);
            rig.origin.pieces.drainPermits();
            long id = client.ask(object, 0, MIB);
            client.send(new Message.Cancel(id));
            client.send(new Message.Ping(42));
            assertEquals(new Message.Pong(42), client.receive().message());
            assertEquals(
                    0,
                    rig.registry.get("hearth.worker.requests.running").gauge().value());
            rig.origin.pieces.release(1 << 20);
            readAll(client, object);
            assertEquals(object.sizeBytes(), rig.origin.bytes.get(), "the fill went on");
        }
    }

    @Test
    void moreRequestsThanAllowedFailAsOverloaded() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.requests-max", "2"));
                WireClient client = rig.client()) {
            rig.origin.pieces.drainPermits();
            ObjectRef object = object("busy", MIB);
            client.ask(object, 0, 10);
            client.ask(object, 0, 10);
            long third = client.ask(object, 0, 10);
            Message.Failed failed = (Message.Failed) client.receive().message();
            assertEquals(third, failed.requestId());
            assertEquals(FailureKind.OVERLOADED, failed.kind());
        }
    }

    @Test
    void aReaderWhoDoesNotReadHoldsNoMoreThanItsSendQueue() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.send-queue", "1MiB", "worker.io-threads", "1"));
                WireClient client = rig.client();
                WireClient other = rig.client()) {
            ObjectRef object = object("slow", 48 * MIB);
            readAll(other, object);
            double before = rig.counter("hearth.worker.bytes.served");
            List<Long> ids = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                ids.add(client.ask(object, (long) i * Geometry.BLOCK_BYTES, Geometry.BLOCK_BYTES));
            }
            WorkerRig.await("a full queue", () -> rig.counter("hearth.worker.bytes.served") - before >= MIB);
            // The one event loop has done what it can for the slow reader before it ends this.
            other.read(object, 0, MIB);
            other.read(object, 0, MIB);
            double queued = rig.counter("hearth.worker.bytes.served") - before;
            assertTrue(queued < 24 * MIB, queued + " bytes: the queue and both sockets take far less");
            for (int i = 0; i < ids.size(); i++) {
                long offset = (long) i * Geometry.BLOCK_BYTES;
                assertArrayEquals(
                        expected(object, offset, Geometry.BLOCK_BYTES),
                        client.answer(ids.get(i), offset, Geometry.BLOCK_BYTES));
            }
        }
    }

    @Test
    void aConnectionThatCarriesNothingIsClosedUnlessItWaitsForAFill() throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.idle-timeout", "100ms"));
                WireClient waiting = rig.client();
                WireClient idle = rig.client()) {
            rig.origin.pieces.drainPermits();
            ObjectRef object = object("late", MIB);
            long id = waiting.ask(object, 0, MIB);
            assertThrows(EOFException.class, idle::receive);
            rig.origin.pieces.release(1000);
            assertArrayEquals(expected(object, 0, MIB), waiting.answer(id, 0, MIB));
        }
    }

    @Test
    void aReaderWhoStopsReadingIsLetGoAndItsFilesWithIt() throws Exception {
        ObjectRef object = object("stuck", 48 * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            readAll(client, object);
        }
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.idle-timeout", "300ms"));
                WireClient client = rig.client()) {
            for (int i = 0; i < 6; i++) {
                client.ask(object, (long) i * Geometry.BLOCK_BYTES, Geometry.BLOCK_BYTES);
            }
            WorkerRig.await(
                    "the connection gone",
                    () -> rig.registry.get("hearth.worker.connections").gauge().value() == 0);
            WorkerRig.await(
                    "its reads ended",
                    () -> rig.registry
                                    .get("hearth.worker.requests.running")
                                    .gauge()
                                    .value()
                            == 0);
        }
    }

    @Test
    void aFullDiskReadsThroughAndLeavesNothingHalfMade() throws Exception {
        Path full = home.resolve("full");
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.tiers", "MEM:" + full + ":64MiB"));
                WireClient client = rig.client()) {
            // A folder of the tier that cannot be written stands for a disk that cannot take more.
            ObjectRef object = object("nospace", 2 * MIB);
            Files.writeString(
                    full.resolve("objects").resolve(object.id().toString().substring(0, 2)), "in the way");
            readAll(client, object);
            assertEquals(object.sizeBytes(), rig.origin.bytes.get());
            assertEquals(0, rig.registry.get("hearth.worker.objects").gauge().value());
        }
    }

    static void readAll(WireClient client, ObjectRef object) throws IOException {
        for (long at = 0; at < object.sizeBytes(); at += Geometry.BLOCK_BYTES) {
            int length = (int) Math.min(Geometry.BLOCK_BYTES, object.sizeBytes() - at);
            assertArrayEquals(expected(object, at, length), client.read(object, at, length));
        }
    }

    private static void flip(Path objects, ObjectRef object, long position) throws IOException {
        String id = object.id().toString();
        Path data = objects.resolve(id.substring(0, 2)).resolve(id + ".data");
        try (FileChannel channel = FileChannel.open(data, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 4));
            channel.write(one.flip(), position);
        }
    }
}
