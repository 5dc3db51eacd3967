package io.hearth.worker.fill;

import static io.hearth.worker.FakeOrigin.expected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.Source;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.BlockOrder.Run;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.protocol.wire.Message;
import io.hearth.worker.FakeOrigin;
import io.hearth.worker.WireClient;
import io.hearth.worker.WorkerRig;
import io.hearth.worker.descriptor.DescriptorMetrics;
import io.hearth.worker.descriptor.OpenGrants;
import io.hearth.worker.memory.MemoryBudget;
import io.hearth.worker.memory.SlabPool;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.net.DataPlaneLimits;
import io.hearth.worker.net.DataPlaneServer;
import io.hearth.worker.net.SendLimit;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.FaultyTierIo;
import io.hearth.worker.tier.GiveBack;
import io.hearth.worker.tier.Lease;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fill engine over a disk that can be full and a computed origin. */
class FillsTest {
    private static final int MIB = 1 << 20;
    private static final int SLOTS = 3;
    private static final PrefetchSettings AHEAD = PrefetchSettings.of(Map.of("worker.prefetch-depth", "4"));

    @TempDir
    Path directory;

    private final FakeOrigin origin = new FakeOrigin();
    private final FaultyTierIo io = new FaultyTierIo(new Random(1), Long.MAX_VALUE);
    private final DiskThreads disk = new DiskThreads(4, 100);
    private final SlabPool buffers = new SlabPool(MIB, new MemoryBudget(4 * MIB, 2 * SLOTS));
    private final FillSlots slots = new FillSlots(SLOTS, 100, 100, 100);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final WorkerMetrics metrics = new WorkerMetrics(registry);
    private TierStore store;
    private Fills fills;

    @BeforeEach
    void open() {
        store = TierStore.open(
                List.of(new TierSpec(Medium.SSD, directory.resolve("tier"), 256 * MIB)),
                new TierEnvironment(io, TierEvents.NONE, disk, Clock.systemUTC(), Geometry.CHUNK_BYTES, 8, 60_000),
                () -> EvictionChoice.S3_FIFO.policy(100));
        fills = new Fills(
                origin, store, disk, buffers, slots, new FillSlots(SLOTS, 100, 1, 1), AHEAD, metrics, filled -> {});
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
        fills.prefetch(WireClient.CONTEXT, object, BlockOrder.ofBytes(0, object.sizeBytes()))
                .get(10, TimeUnit.SECONDS);
        assertEquals(3, origin.fetches.get());
        assertEquals(3, fillsCounted());
        file.release();
    }

    @Test
    void nothingIsPrefetchedIntoAFullTier() throws Exception {
        ObjectRef object = FakeOrigin.object("full", 20 * MIB);
        ObjectFile file = hold(object);
        file.tier().pause(new HearthException(FailureKind.NO_SPACE, "as the test wants it"));
        fills.prefetch(WireClient.CONTEXT, object, BlockOrder.ofBytes(0, object.sizeBytes()))
                .get(10, TimeUnit.SECONDS);
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
    void aReaderOnAnotherNodeWaitsWhileTheLimitIsUsedUpAndThenGetsTheRest() throws Exception {
        AtomicLong nanos = new AtomicLong();
        AtomicLong passing = new AtomicLong();
        SendLimit limit = new SendLimit(() -> nanos.addAndGet(passing.get()), true);
        try (DataPlaneServer server = DataPlaneServer.start(
                        new InetSocketAddress("127.0.0.1", 0),
                        "worker",
                        1,
                        ClusterToken.NONE,
                        store,
                        fills,
                        disk,
                        new OpenGrants(0, new DescriptorMetrics(new SimpleMeterRegistry())),
                        new DataPlaneLimits(8, 8, MIB, Duration.ofSeconds(30), 1),
                        limit,
                        metrics);
                WireClient client = WireClient.greeted(server.port())) {
            ObjectRef object = FakeOrigin.object("limited", 4 * MIB);
            assertArrayEquals(expected(object, 0, 4 * MIB), client.read(object, 0, 4 * MIB));
            limit.limit(MIB);
            client.send(new Message.Read(99, WireClient.CONTEXT, object, 0, 4 * MIB));
            assertEquals(MIB, client.receive().payload().remaining(), "the bucket is overdrawn by one chunk");
            client.send(new Message.Ping(7));
            assertEquals(new Message.Pong(7), client.receive().message(), "nothing more was on its way");
            passing.set(TimeUnit.SECONDS.toNanos(1));
            for (int chunk = 1; chunk < 4; chunk++) {
                assertEquals(MIB, client.receive().payload().remaining());
            }
        }
    }

    @Test
    void aReaderOfAFullDiskGetsItsBytesAllTheSame() throws Exception {
        try (DataPlaneServer server = DataPlaneServer.start(
                        new InetSocketAddress("127.0.0.1", 0),
                        "worker",
                        1,
                        ClusterToken.NONE,
                        store,
                        fills,
                        disk,
                        new OpenGrants(0, new DescriptorMetrics(new SimpleMeterRegistry())),
                        new DataPlaneLimits(8, 8, MIB, Duration.ofSeconds(30), 1),
                        new SendLimit(System::nanoTime),
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

    @Test
    void warmFetchesWhatIsMissingAndVerifiesWhatWasThere() throws Exception {
        ObjectRef object = FakeOrigin.object("warm", 20 * MIB);
        ObjectFile file = hold(object);
        fills.warm(WireClient.CONTEXT, file, 1).get(10, TimeUnit.SECONDS);
        assertEquals(8L * MIB, file.residentBytes());
        file.release();
        fills.close();
        store.close();
        open();
        ObjectFile again = hold(object);
        flip(again, 9L * MIB);
        assertTrue(again.has(9) && !again.ready(9));
        fills.warm(WireClient.CONTEXT, again, 1).get(10, TimeUnit.SECONDS);
        assertTrue(IntStream.range(8, 16).allMatch(again::ready));
        assertEquals(9L * MIB, origin.bytes.get(), "one block, and the chunk that had rotted");
        fills.warm(WireClient.CONTEXT, again, 2).get(10, TimeUnit.SECONDS);
        assertEquals(12L * MIB, again.residentBytes());
        again.release();
    }

    @Test
    void warmJoinsWhatReadersFetchAndReadersJoinIt() throws Exception {
        ObjectFile file = hold(FakeOrigin.object("joined", 16 * MIB));
        origin.pieces.drainPermits();
        CompletableFuture<Void> reader = fills.ensure(WireClient.CONTEXT, file, 3);
        CompletableFuture<Void> joining = fills.warm(WireClient.CONTEXT, file, 0);
        CompletableFuture<Void> load = fills.warm(WireClient.CONTEXT, file, 1);
        CompletableFuture<Void> joined = fills.ensure(WireClient.CONTEXT, file, 12);
        origin.pieces.release(1 << 20);
        CompletableFuture.allOf(reader, joining, load, joined).get(10, TimeUnit.SECONDS);
        assertEquals(16L * MIB, origin.bytes.get());
        file.release();
    }

    @Test
    void aReaderGoesBeforeAllBlocksOfALoad() throws Exception {
        ObjectFile file = hold(FakeOrigin.object("load", 80 * MIB));
        origin.pieces.drainPermits();
        List<CompletableFuture<Void>> load = new ArrayList<>();
        for (int block = 0; block < 10; block++) {
            load.add(fills.warm(WireClient.CONTEXT, file, block));
        }
        assertEquals(2, slots.running(), "of three slots, three quarters at most");
        CompletableFuture<Void> early = fills.ensure(WireClient.CONTEXT, file, 75);
        assertEquals(List.of(0L, 8L * MIB, 75L * MIB), origin.offsets, "a slot was left for the reader");
        CompletableFuture<Void> late = fills.ensure(WireClient.CONTEXT, file, 50);
        origin.pieces.release(1 << 20);
        CompletableFuture.allOf(early, late).get(10, TimeUnit.SECONDS);
        assertTrue(origin.offsets.indexOf(50L * MIB) <= 4, "the promoted one came next: " + origin.offsets);
        CompletableFuture.allOf(load.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
        assertEquals(80L * MIB, origin.bytes.get());
        file.release();
    }

    @Test
    void aRandomReaderFetchesAChunkAndWithTheSecondTheRestOfItsBlock() throws Exception {
        ObjectFile file = hold(FakeOrigin.object("random", 20 * MIB));
        fills.ensure(WireClient.CONTEXT, file, 3, true).get(10, TimeUnit.SECONDS);
        fills.ensure(WireClient.CONTEXT, file, 12, true).get(10, TimeUnit.SECONDS);
        fills.ensure(WireClient.CONTEXT, file, 3, true).get(10, TimeUnit.SECONDS);
        assertEquals(2L * MIB, origin.bytes.get());
        fills.ensure(WireClient.CONTEXT, file, 5, true).get(10, TimeUnit.SECONDS);
        WorkerRig.await("the block is here", () -> file.residentBytes() == 9L * MIB);
        assertEquals(9L * MIB, origin.bytes.get(), "each byte once");
        file.release();
    }

    @Test
    void anObjectOfOneBlockIsFetchedWholeForARandomReader() throws Exception {
        ObjectFile file = hold(FakeOrigin.object("small", 7 * MIB + 5));
        fills.ensure(WireClient.CONTEXT, file, 3, true).get(10, TimeUnit.SECONDS);
        WorkerRig.await("all of it is here", () -> file.residentBytes() == 7L * MIB + 5);
        file.release();
    }

    @Test
    void whoComesWhileAChunkIsFetchedAloneFetchesTheRestBesideIt() throws Exception {
        ObjectFile file = hold(FakeOrigin.object("beside", 20 * MIB));
        origin.pieces.drainPermits();
        List<CompletableFuture<Void>> waits = new ArrayList<>();
        waits.add(fills.ensure(WireClient.CONTEXT, file, 3, true));
        waits.add(fills.warm(WireClient.CONTEXT, file, 0));
        waits.add(fills.ensure(WireClient.CONTEXT, file, 3, true));
        WorkerRig.await("the chunk alone", () -> origin.offsets.equals(List.of(3L * MIB)));
        waits.add(fills.ensure(WireClient.CONTEXT, file, 5, true));
        WorkerRig.await("the rest beside it", () -> origin.offsets.equals(List.of(3L * MIB, 5L * MIB)));
        origin.pieces.release(1 << 20);
        CompletableFuture.allOf(waits.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
        assertEquals(8L * MIB, file.residentBytes());
        assertEquals(8L * MIB, origin.bytes.get(), "each byte once");
        file.release();
    }

    @Test
    void aLongHintIsFilledWholeInOrderAFewBlocksAtATime() throws Exception {
        FillSlots few = new FillSlots(3, 8, 2, 4);
        try (Fills own = new Fills(origin, store, disk, buffers, few, few, AHEAD, metrics, filled -> {})) {
            ObjectRef wanted = FakeOrigin.object("wanted", 79 * MIB);
            ObjectRef next = FakeOrigin.object("next", 40 * MIB);
            own.prefetch(WireClient.CONTEXT, wanted, BlockOrder.ofBytes(0, wanted.sizeBytes()))
                    .get(10, TimeUnit.SECONDS);
            own.prefetch(WireClient.CONTEXT, next, BlockOrder.ofBytes(0, next.sizeBytes()))
                    .get(10, TimeUnit.SECONDS);
            own.prefetch(WireClient.CONTEXT, wanted, BlockOrder.ofBytes(0, wanted.sizeBytes()))
                    .get(10, TimeUnit.SECONDS);
            ObjectFile file = hold(wanted);
            ObjectFile other = hold(next);
            WorkerRig.await("both are here", () -> file.residentBytes() + other.residentBytes() == 119L * MIB);
            assertEquals(119L * MIB, origin.bytes.get(), "each byte once");
            int end = origin.offsets.indexOf(72L * MIB);
            assertTrue(end >= 8 && end <= 12, "the first object first: " + origin.offsets);
            assertTrue(origin.mostAtOnce.get() <= 4, origin.mostAtOnce + " at once");
            file.release();
            other.release();
        }
    }

    @Test
    void aLongHintStopsAtItsShareOfTheTier() throws Exception {
        PrefetchSettings fifth =
                PrefetchSettings.of(Map.of("worker.prefetch-depth", "2", "worker.prefetch-share", "20"));
        FillSlots few = new FillSlots(3, 8, 8, 4);
        try (Fills own = new Fills(origin, store, disk, buffers, few, few, fifth, metrics, filled -> {})) {
            ObjectRef large = FakeOrigin.object("large", 200 * MIB);
            own.prefetch(WireClient.CONTEXT, large, BlockOrder.ofBytes(0, large.sizeBytes()))
                    .get(10, TimeUnit.SECONDS);
            WorkerRig.await("a fifth of 256 MiB and the block it ends in", () -> fillsCounted() == 7);
            WorkerRig.await("nothing is under way", () -> few.running() + few.waiting() == 0);
            assertEquals(56L * MIB, origin.bytes.get());
        }
    }

    @Test
    void aLongHintEndsWhereItsNodeWantsItsMemoryBack() throws Exception {
        FillSlots few = new FillSlots(3, 8, 8, 4);
        try (Fills own = new Fills(origin, store, disk, buffers, few, few, AHEAD, metrics, filled -> {})) {
            ObjectRef large = FakeOrigin.object("large", 120 * MIB);
            origin.pieces.drainPermits();
            own.prefetch(WireClient.CONTEXT, large, BlockOrder.ofBytes(0, large.sizeBytes()))
                    .get(10, TimeUnit.SECONDS);
            WorkerRig.await("it has begun", () -> origin.offsets.size() == 1);
            new GiveBack(store, Runnable::run).give(store.tiers().get(0), 0);
            origin.pieces.release(1 << 20);
            WorkerRig.await("nothing is under way", () -> few.running() + few.waiting() == 0);
            assertTrue(origin.bytes.get() <= 16L * MIB, origin.bytes + " bytes though nothing may be kept");
        }
    }

    @Test
    void aLongHintIsFilledInTheOrderThatItNames() throws Exception {
        FillSlots few = new FillSlots(3, 8, 8, 4);
        PrefetchSettings one = PrefetchSettings.of(Map.of("worker.prefetch-depth", "1"));
        try (Fills own = new Fills(origin, store, disk, buffers, few, few, one, metrics, filled -> {})) {
            ObjectRef model = FakeOrigin.object("model", 60 * MIB);
            ObjectFile file = hold(model);
            BlockOrder order = new BlockOrder(List.of(new Run(0, 1), new Run(6, 2), new Run(1, 5)));
            own.prefetch(WireClient.CONTEXT, model, order).get(10, TimeUnit.SECONDS);
            WorkerRig.await("it is here", () -> file.residentBytes() == 60L * MIB);
            assertEquals(
                    List.of(0L, 48L * MIB, 56L * MIB, 8L * MIB, 16L * MIB, 24L * MIB, 32L * MIB, 40L * MIB),
                    origin.offsets);
            file.release();
        }
    }

    @Test
    void aLongHintEndsWithAnOriginThatFails() throws Exception {
        FillSlots few = new FillSlots(3, 8, 8, 4);
        try (Fills own = new Fills(origin, store, disk, buffers, few, few, AHEAD, metrics, filled -> {})) {
            ObjectRef gone = FakeOrigin.object("gone", 120 * MIB);
            origin.failing.put("gone", FailureKind.STALE);
            own.prefetch(WireClient.CONTEXT, gone, BlockOrder.ofBytes(0, gone.sizeBytes()))
                    .get(10, TimeUnit.SECONDS);
            WorkerRig.await("it was tried", () -> failures() > 0);
            WorkerRig.await("nothing is under way", () -> few.running() + few.waiting() == 0);
            assertTrue(failures() <= 10, failures() + " tries of 15 blocks");
        }
    }

    private double failures() {
        return registry.find("hearth.worker.fills.failed").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Test
    void aFullPrefetchQueueDropsNoBlockOfALoad() throws Exception {
        FillSlots narrow = new FillSlots(1, 8, 1, 4);
        try (Fills own = new Fills(origin, store, disk, buffers, narrow, narrow, AHEAD, metrics, filled -> {})) {
            ObjectRef guessed = FakeOrigin.object("guessed", 80 * MIB);
            ObjectFile file = hold(FakeOrigin.object("load", 24 * MIB));
            origin.pieces.drainPermits();
            own.prefetch(WireClient.CONTEXT, guessed, BlockOrder.ofBytes(0, guessed.sizeBytes()))
                    .get(10, TimeUnit.SECONDS);
            List<CompletableFuture<Void>> load = new ArrayList<>();
            for (int block = 0; block < 3; block++) {
                load.add(own.warm(WireClient.CONTEXT, file, block));
            }
            origin.pieces.release(1 << 20);
            CompletableFuture.allOf(load.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
            assertEquals(24L * MIB, file.residentBytes());
            file.release();
        }
    }

    @Test
    void aFailedBlockOfALoadFailsWithTheOriginsKind() {
        ObjectFile file = hold(FakeOrigin.object("gone", 8 * MIB));
        origin.failing.put("gone", FailureKind.STALE);
        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> fills.warm(WireClient.CONTEXT, file, 0)
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join());
        assertEquals(FailureKind.STALE, HearthException.of(failure).kind());
        file.release();
    }

    @Test
    void aLoadThatEndsGivesUpWhatNobodyElseWaitsFor() throws Exception {
        ObjectFile file = hold(FakeOrigin.object("given-up", 40 * MIB));
        origin.pieces.drainPermits();
        CompletableFuture<Void> alone = fills.warm(WireClient.CONTEXT, file, 0);
        CompletableFuture<Void> shared = fills.warm(WireClient.CONTEXT, file, 1);
        CompletableFuture<Void> queued = fills.warm(WireClient.CONTEXT, file, 2);
        CompletableFuture<Void> other = fills.warm(WireClient.CONTEXT, file, 0);
        CompletableFuture<Void> reader = fills.ensure(WireClient.CONTEXT, file, 9);
        alone.cancel(false);
        shared.cancel(false);
        queued.cancel(false);
        WorkerRig.await("the queued block taken back", () -> slots.waiting() == 0);
        assertEquals(2, slots.running(), "another load and a reader wait");
        other.cancel(false);
        WorkerRig.await("the last load's block given up", () -> slots.running() == 1);
        CompletableFuture<Void> late = fills.ensure(WireClient.CONTEXT, file, 2);
        origin.pieces.release(1 << 20);
        CompletableFuture.allOf(reader, late).get(10, TimeUnit.SECONDS);
        file.release();
    }

    @Test
    void aReaderWhoComesWhileABlockIsGivenUpFetchesItAnew() throws Exception {
        ObjectRef object = FakeOrigin.object("given-up", 8 * MIB);
        ObjectFile file = hold(object);
        CompletableFuture<Void> slow = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean interrupt) {
                return false;
            }
        };
        Source slowToStop = new Source() {
            @Override
            public String name() {
                return "slow";
            }

            @Override
            public CompletableFuture<Void> fetch(
                    RequestContext context, ObjectRef wanted, long offset, int length, RangeSink sink) {
                boolean first = origin.fetches.get() == 0;
                CompletableFuture<Void> real = origin.fetch(context, wanted, offset, length, sink);
                return first ? slow : real;
            }
        };
        origin.pieces.drainPermits();
        try (Fills own = new Fills(slowToStop, store, disk, buffers, slots, slots, AHEAD, metrics, filled -> {})) {
            CompletableFuture<Void> load = own.warm(WireClient.CONTEXT, file, 0);
            load.cancel(false);
            CompletableFuture<Void> reader = own.ensure(WireClient.CONTEXT, file, 5);
            assertFalse(reader.isDone());
            slow.completeExceptionally(new HearthException(FailureKind.UNAVAILABLE, "stopped at last"));
            origin.pieces.release(1 << 20);
            reader.get(10, TimeUnit.SECONDS);
            assertTrue(file.ready(5));
        }
        file.release();
    }

    @Test
    void aChunkThatGoesBadWhileItsBlockIsFilledIsFetchedAfterIt() throws Exception {
        ObjectRef object = FakeOrigin.object("rots", 8 * MIB);
        ObjectFile file = hold(object);
        CRC32C crc = new CRC32C();
        crc.update(expected(object, 0, MIB));
        file.write(0, ByteBuffer.wrap(expected(object, 0, MIB)), (int) crc.getValue());
        origin.pieces.drainPermits();
        CompletableFuture<Void> block = fills.ensure(WireClient.CONTEXT, file, 3);
        flip(file, 77);
        try (Lease lease = store.lease(file.id()).orElseThrow()) {
            assertFalse(lease.recheck(0, ByteBuffer.allocate(MIB)));
        }
        CompletableFuture<Void> again = fills.ensure(WireClient.CONTEXT, file, 0);
        CompletableFuture<Void> warm = fills.warm(WireClient.CONTEXT, file, 0);
        origin.pieces.release(1 << 20);
        CompletableFuture.allOf(block, again, warm).get(10, TimeUnit.SECONDS);
        assertEquals(8L * MIB, origin.bytes.get());
        assertTrue(file.ready(0));
        file.release();
    }

    @Test
    void aReaderWhoWaitsToSendAChunkThatIsThenDroppedFetchesItAgain() throws Exception {
        try (DataPlaneServer server = DataPlaneServer.start(
                        new InetSocketAddress("127.0.0.1", 0),
                        "worker",
                        1,
                        ClusterToken.NONE,
                        store,
                        fills,
                        disk,
                        new OpenGrants(0, new DescriptorMetrics(new SimpleMeterRegistry())),
                        new DataPlaneLimits(8, 8, MIB, Duration.ofSeconds(30), 1),
                        new SendLimit(System::nanoTime),
                        metrics);
                WireClient client = WireClient.greeted(server.port());
                WireClient other = WireClient.greeted(server.port())) {
            ObjectRef object = FakeOrigin.object("dropped", 48 * MIB);
            ObjectFile file = hold(object);
            for (int block = 0; block < 6; block++) {
                client.ask(object, (long) block * Geometry.BLOCK_BYTES, Geometry.BLOCK_BYTES);
            }
            WorkerRig.await("all is here", () -> file.residentBytes() == object.sizeBytes());
            // The one event loop has sent what the slow reader's sockets take before it answers this.
            other.read(object, 0, MIB);
            other.read(object, 0, MIB);
            int fetches = origin.fetches.get();
            flip(file, 47L * MIB + 3);
            try (Lease lease = store.lease(file.id()).orElseThrow()) {
                assertFalse(lease.recheck(47, ByteBuffer.allocate(MIB)), "dropped, and the reader still waits for it");
            }
            byte[] answers = new byte[48 * MIB];
            for (int got = 0; got < answers.length; ) {
                WireClient.Frame frame = client.receive();
                int length = frame.payload().remaining();
                frame.payload().get(answers, (int) ((Message.Data) frame.message()).offset(), length);
                got += length;
            }
            assertArrayEquals(expected(object, 0, answers.length), answers);
            assertEquals(fetches + 1, origin.fetches.get());
            assertTrue(file.ready(47), "fetched to stay");
            file.release();
        }
    }

    private static void flip(ObjectFile file, long position) throws IOException {
        String name = file.id().toString();
        Path data = file.tier()
                .spec()
                .directory()
                .resolve("objects")
                .resolve(name.substring(0, 2))
                .resolve(name + ".data");
        try (FileChannel channel = FileChannel.open(data, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 4));
            channel.write(one.flip(), position);
        }
    }

    private long fillsCounted() {
        return registry.get("hearth.worker.fills").timer().count();
    }

    private ObjectFile hold(ObjectRef object) {
        return store.holdOrCreate(object, object.id(), "default").orElseThrow();
    }
}
