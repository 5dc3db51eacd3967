package io.hearth.worker.fill;

import static io.hearth.worker.FakeOrigin.expected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.FakeOrigin;
import io.hearth.worker.WireClient;
import io.hearth.worker.WorkerRig;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.net.DataPlaneLimits;
import io.hearth.worker.net.DataPlaneServer;
import io.hearth.worker.tier.FaultyTierIo;
import io.hearth.worker.tier.LruEvictionPolicy;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fill engine over a disk that can be full and a computed origin. */
class FillsTest {
    private static final int MIB = 1 << 20;
    private static final int SLOTS = 3;

    @TempDir
    Path directory;

    private final FakeOrigin origin = new FakeOrigin();
    private final FaultyTierIo io = new FaultyTierIo(new Random(1), Long.MAX_VALUE);
    private final DiskThreads disk = new DiskThreads(4, 100);
    private final BufferPool buffers = new BufferPool(MIB, 4);
    private final FillSlots slots = new FillSlots(SLOTS, 100, 100);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final WorkerMetrics metrics = new WorkerMetrics(registry);
    private TierStore store;
    private Fills fills;

    @BeforeEach
    void open() {
        store = TierStore.open(
                List.of(new TierSpec(Medium.SSD, directory.resolve("tier"), 256 * MIB)),
                new TierEnvironment(io, TierEvents.NONE, disk, Clock.systemUTC(), Geometry.CHUNK_BYTES, 8, 60_000),
                LruEvictionPolicy::new);
        fills = new Fills(origin, store, disk, buffers, slots, new FillSlots(SLOTS, 100, 1), metrics);
    }

    @AfterEach
    void close() {
        fills.close();
        disk.close();
        store.close();
        origin.close();
    }

    @Test
    void fillsStayWithinSlotsAndMemory() throws Exception {
        ObjectFile file = hold(FakeOrigin.object("wide", 80 * MIB));
        List<CompletableFuture<Void>> waits = new ArrayList<>();
        for (int chunk = 0; chunk < 80; chunk++) {
            waits.add(fills.ensure(WireClient.CONTEXT, file, chunk));
        }
        assertTrue(buffers.usedBytes() <= 4 * MIB);
        CompletableFuture.allOf(waits.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        assertEquals(10, origin.fetches.get());
        assertTrue(origin.mostAtOnce.get() <= SLOTS, origin.mostAtOnce + " at once");
        assertEquals(80L * MIB, file.residentBytes());
        file.release();
    }

    @Test
    void whatIsHereIsNotPrefetchedNorCountedAsAFill() throws Exception {
        ObjectRef object = FakeOrigin.object("here", 20 * MIB);
        ObjectFile file = hold(object);
        for (int chunk = 0; chunk < 20; chunk++) {
            fills.ensure(WireClient.CONTEXT, file, chunk).get(10, TimeUnit.SECONDS);
        }
        WorkerRig.await("the fills have ended", () -> fillsCounted() == 3);
        fills.prefetch(WireClient.CONTEXT, object, 0, object.sizeBytes()).get(10, TimeUnit.SECONDS);
        assertEquals(3, origin.fetches.get());
        assertEquals(3, fillsCounted());
        file.release();
    }

    @Test
    void nothingIsPrefetchedIntoAFullTier() throws Exception {
        ObjectRef object = FakeOrigin.object("full", 20 * MIB);
        ObjectFile file = hold(object);
        file.tier().pause(new HearthException(FailureKind.NO_SPACE, "as the test wants it"));
        fills.prefetch(WireClient.CONTEXT, object, 0, object.sizeBytes()).get(10, TimeUnit.SECONDS);
        fills.close();
        assertEquals(0, origin.fetches.get(), "bytes that nobody could keep");
        file.release();
    }

    @Test
    void aFullDiskFailsTheFillOnceAndLeavesNothing() throws Exception {
        ObjectRef object = FakeOrigin.object("full", 2 * MIB);
        ObjectFile file = hold(object);
        io.diskFull = true;
        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> fills.ensure(WireClient.CONTEXT, file, 0)
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join());
        assertEquals(FailureKind.NO_SPACE, HearthException.of(failure).kind());
        int fetches = origin.fetches.get();
        assertThrows(
                CompletionException.class,
                () -> fills.ensure(WireClient.CONTEXT, file, 1).join());
        assertEquals(fetches, origin.fetches.get(), "a full tier is not asked again at once");
        file.release();
        fills.close();
        disk.close();
        assertEquals(0, store.size());
        try (Stream<Path> left = Files.walk(directory.resolve("tier/objects"))) {
            assertEquals(0, left.filter(Files::isRegularFile).count());
        }
    }

    @Test
    void aReaderOfAFullDiskGetsItsBytesAllTheSame() throws Exception {
        try (DataPlaneServer server = DataPlaneServer.start(
                        new InetSocketAddress("127.0.0.1", 0),
                        "worker",
                        1,
                        store,
                        fills,
                        disk,
                        new DataPlaneLimits(8, 8, MIB, Duration.ofSeconds(30), 1),
                        metrics);
                WireClient client = WireClient.greeted(server.port())) {
            ObjectRef object = FakeOrigin.object("through", 6 * MIB + 11);
            assertArrayEquals(expected(object, 0, 2 * MIB), client.read(object, 0, 2 * MIB));
            // The object's file exists; its disk fills up now.
            ObjectRef other = FakeOrigin.object("late", 6 * MIB + 11);
            hold(other).release();
            io.diskFull = true;
            int length = (int) other.sizeBytes();
            assertArrayEquals(expected(other, 0, length), client.read(other, 0, length));
            ObjectRef third = FakeOrigin.object("third", MIB);
            assertArrayEquals(expected(third, 0, MIB), client.read(third, 0, MIB));
            io.diskFull = false;
            assertArrayEquals(expected(object, 0, 6 * MIB), client.read(object, 0, 6 * MIB));
        }
    }

    @Test
    void anEvictedObjectsFillServesItsReadersToTheEnd() throws Exception {
        ObjectRef object = FakeOrigin.object("evicted", 4 * MIB);
        ObjectFile file = hold(object);
        origin.pieces.drainPermits();
        CompletableFuture<Void> last = fills.ensure(WireClient.CONTEXT, file, 3);
        store.evict(List.of(file.id()));
        origin.pieces.release(1000);
        last.get(10, TimeUnit.SECONDS);
        assertTrue(file.ready(3));
        file.release();
    }

    @Test
    void closingFailsWhoWaitsWithinTheBound() {
        ObjectFile file = hold(FakeOrigin.object("closing", 20 * MIB));
        origin.pieces.drainPermits();
        CompletableFuture<Void> wait = fills.ensure(WireClient.CONTEXT, file, 3);
        CompletableFuture<Void> queued = fills.ensure(WireClient.CONTEXT, file, 10);
        fills.close();
        assertThrows(
                CompletionException.class,
                () -> wait.orTimeout(5, TimeUnit.SECONDS).join());
        assertThrows(
                CompletionException.class,
                () -> queued.orTimeout(5, TimeUnit.SECONDS).join());
        file.release();
    }

    private long fillsCounted() {
        return registry.get("hearth.worker.fills").timer().count();
    }

    private ObjectFile hold(ObjectRef object) {
        return store.holdOrCreate(object, object.id(), "default").orElseThrow();
    }
}
