package io.hearth.client.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.Await;
import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.Collector;
import io.hearth.client.FallbackSource;
import io.hearth.client.MemoryOrigin;
import io.hearth.client.Source;
import io.hearth.client.TestObject;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.worker.FakeWorker.Fault;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.BlockOrder.Run;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Placement;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.protocol.wire.Features;
import io.hearth.protocol.wire.Message;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.PoolArenaMetric;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkerSourceTest {
    private static final int MIB = 1 << 20;
    private static final TestObject OBJECT = TestObject.random("weights.bin", 20 * MIB + 12_345);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ClientMetrics metrics = new ClientMetrics(registry);
    private final WorkerDirectory directory = new WorkerDirectory();
    private ClientSettings settings;
    private FakeWorker worker;
    private WorkerSource source;

    @BeforeAll
    static void watchLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @BeforeEach
    void start() throws Exception {
        worker = new FakeWorker("w1", 0, OBJECT);
        directory.update(List.of(worker.address()));
        open("20s", "700ms", "2s");
    }

    private void open(String connectTimeout, String stallTimeout, String workerTimeout) {
        settings = ClientSettings.of(Map.of(
                "client.ping-after",
                "50ms",
                "client.stall-timeout",
                stallTimeout,
                "client.worker-timeout",
                workerTimeout,
                "client.connect-timeout",
                connectTimeout,
                "client.down-min",
                "20ms",
                "client.down-max",
                "100ms"));
        source = new WorkerSource(directory, ClusterToken.NONE, settings, metrics);
    }

    /** Once more, with other patience: a crowded machine may stop all of this for seconds. */
    private void reopen(String connectTimeout, String stallTimeout, String workerTimeout) {
        source.close();
        open(connectTimeout, stallTimeout, workerTimeout);
    }

    @AfterEach
    void everyBufferIsGivenBack() throws Exception {
        source.close();
        worker.close();
        Await.until(
                "buffers are given back",
                () -> source.buffers().metric().directArenas().stream()
                                .mapToLong(PoolArenaMetric::numActiveAllocations)
                                .sum()
                        == 0);
        assertEquals(0, connectionsOpen());
    }

    @Test
    void givesTheBytesAcrossChunksAndBlocks() throws Exception {
        assertArrayEquals(OBJECT.bytes(), fetch(source, 0, OBJECT.bytes().length));
        assertArrayEquals(OBJECT.range(8 * MIB - 5, 10), fetch(source, 8 * MIB - 5, 10));
        assertArrayEquals(OBJECT.range(20 * MIB + 12_344, 1), fetch(source, 20 * MIB + 12_344, 1));
        assertEquals(OBJECT.bytes().length + 11, counter("hearth.client.source.bytes", "source", "worker"));
        assertTrue(worker.connections.get() <= settings.connections());
    }

    @Test
    void manyReadsShareFewConnections() throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        List<Collector> got = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Collector collector = new Collector();
            got.add(collector);
            all.add(source.fetch(TestObject.CONTEXT, OBJECT.ref(), i * 100_000L, 500_000, collector));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
        for (int i = 0; i < 60; i++) {
            assertArrayEquals(OBJECT.range(i * 100_000L, 500_000), got.get(i).bytes());
        }
        assertTrue(worker.connections.get() <= settings.connections(), worker.connections + " connections");
    }

    @ParameterizedTest
    @EnumSource(names = {"DIE", "PAUSE", "SLOW", "FLIP_BIT", "GIBBERISH", "SKIP", "SAY_OVERLOADED", "SAY_DENIED"})
    void whateverTheFaultTheBytesAreExactAndNoneComesTwice(Fault fault) throws Exception {
        worker.fault = fault;
        try (MemoryOrigin origin = new MemoryOrigin(OBJECT)) {
            Source both = new FallbackSource(source, origin, metrics);
            for (int round = 0; round < 3; round++) {
                assertArrayEquals(OBJECT.range(100, 7 * MIB), fetch(both, 100, 7 * MIB));
            }
            double fromWorker = counter("hearth.client.source.bytes", "source", "worker");
            assertEquals(3L * 7 * MIB, (long) fromWorker + origin.bytesGiven());
            assertTrue(registry.get("hearth.client.fallbacks").counters().stream()
                            .mapToDouble(counter -> counter.count())
                            .sum()
                    >= 1);
        }
    }

    @Test
    void aPausedWorkerIsLeftWithinTheStallTimeout() throws Exception {
        reopen("20s", "700ms", "5m");
        fetch(source, 0, 10);
        worker.fault = Fault.PAUSE;
        long start = System.nanoTime();
        assertEquals(FailureKind.TIMEOUT, failure(0, 3 * MIB).kind());
        long tookMs = (System.nanoTime() - start) / 1_000_000;
        assertTrue(tookMs >= 690 && tookMs < 20_000, "left after " + tookMs + " ms");
        assertEquals(1, counter("hearth.client.stalls"));
    }

    @Test
    void aSlowWorkerThatAnswersPingsIsWaitedFor() throws Exception {
        reopen("20s", "30s", "2s");
        fetch(source, 0, 10);
        worker.fault = Fault.SLOW;
        long start = System.nanoTime();
        assertEquals(FailureKind.TIMEOUT, failure(0, 3 * MIB).kind());
        long tookMs = (System.nanoTime() - start) / 1_000_000;
        assertTrue(tookMs >= 1_950 && tookMs < 20_000, "left after " + tookMs + " ms");
        assertEquals(0, counter("hearth.client.stalls"));
        Await.until(
                "the worker hears that nobody waits any more",
                () -> worker.heard.stream().anyMatch(message -> message instanceof Message.Cancel));
    }

    @Test
    void readsDoNotWaitForAWorkerThatIsDownAndItComesBack() throws Exception {
        fetch(source, 0, 10);
        int port = worker.address().port();
        worker.close();
        failure(0, 10);
        long start = System.nanoTime();
        for (int i = 0; i < 200; i++) {
            assertEquals(FailureKind.UNAVAILABLE, failure(0, 10).kind());
        }
        long tookMs = (System.nanoTime() - start) / 1_000_000;
        // Each that waited for the next attempt would take 20 ms at least.
        assertTrue(tookMs < 4_000, "200 reads took " + tookMs + " ms");
        worker = new FakeWorker("w1", port, OBJECT);
        Await.until("the worker is used again", () -> succeeds(0, 10));
    }

    @Test
    void aWorkerThatClosesAnIdleConnectionIsNotDown() throws Exception {
        for (int round = 0; round < 200; round++) {
            assertArrayEquals(OBJECT.range(0, 10), fetch(source, 0, 10), "after " + round + " closed connections");
            worker.hangUp();
            // No longer: the next read is to meet connections that are just ending too.
            Await.until("the connection has gone", () -> connectionsOpen() == 0);
        }
        assertTrue(source.listening());
    }

    @Test
    void aMasterThatKnowsNoWorkerYetTakesNoneAway() throws Exception {
        directory.update(List.of());
        assertArrayEquals(OBJECT.range(0, 10), fetch(source, 0, 10));
        assertTrue(source.listening());
    }

    @Test
    void readersWhoComeTogetherKeepTheBoundOfConnections() throws Exception {
        int readers = 16;
        CyclicBarrier together = new CyclicBarrier(readers);
        ExecutorService threads = Executors.newFixedThreadPool(readers);
        try {
            List<Future<byte[]>> all = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                all.add(threads.submit(() -> {
                    together.await(10, TimeUnit.SECONDS);
                    return fetch(source, 0, 8 * MIB);
                }));
            }
            for (Future<byte[]> one : all) {
                assertEquals(8 * MIB, one.get(20, TimeUnit.SECONDS).length);
            }
        } finally {
            threads.shutdownNow();
        }
        assertTrue(worker.connections.get() <= settings.connections(), worker.connections + " connections");
    }

    @Test
    void aMuteWorkerCostsOneConnectTimeoutAndNoMore() throws Exception {
        reopen("2s", "700ms", "2s");
        worker.fault = Fault.MUTE;
        assertEquals(FailureKind.TIMEOUT, failure(0, 10).kind());
        long start = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            assertEquals(FailureKind.UNAVAILABLE, failure(0, 10).kind());
        }
        assertTrue(System.nanoTime() - start < 10 * settings.connectTimeout().toNanos());
    }

    @Test
    void aRefusalSaysTheVersions() {
        worker.fault = Fault.REFUSE;
        HearthException refusal = failure(0, 10);
        assertEquals(FailureKind.UNSUPPORTED_VERSION, refusal.kind());
        assertTrue(refusal.getMessage().contains("versions 2 to 3"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("upgrade the client"), refusal.getMessage());
    }

    @Test
    void anotherWorkerUnderTheAddressIsNotRead() throws Exception {
        WorkerAddress address = worker.address();
        directory.update(List.of(new WorkerAddress("w2", address.host(), address.port())));
        HearthException failure = failure(0, 10);
        assertEquals(FailureKind.UNAVAILABLE, failure.kind());
        assertTrue(failure.getMessage().contains("w1"), failure.getMessage());
        assertEquals(0, worker.reads.get());
    }

    @Test
    void staleIsFinal() throws Exception {
        worker.fault = Fault.SAY_STALE;
        try (MemoryOrigin origin = new MemoryOrigin(OBJECT)) {
            Source both = new FallbackSource(source, origin, metrics);
            ExecutionException thrown = assertThrows(ExecutionException.class, () -> fetch(both, 0, 3 * MIB));
            assertEquals(FailureKind.STALE, HearthException.of(thrown).kind());
            assertEquals(0, origin.bytesGiven());
        }
    }

    @Test
    void wrongChecksumsAreCounted() {
        worker.fault = Fault.FLIP_BIT;
        assertEquals(FailureKind.CORRUPT, failure(0, 3 * MIB).kind());
        assertEquals(1, counter("hearth.client.checksum.failures"));
    }

    @Test
    void blocksComeFromTheirOwnersAndFromTheNextWhenTheOwnerDies() throws Exception {
        try (FakeWorker second = new FakeWorker("w2", 0, OBJECT)) {
            directory.update(List.of(worker.address(), second.address()));
            assertArrayEquals(OBJECT.bytes(), fetch(source, 0, OBJECT.bytes().length));
            List<String> owners = new ArrayList<>();
            for (int block = 0; block < Geometry.blocks(OBJECT.bytes().length); block++) {
                owners.add(Placement.order(OBJECT.ref().id(), block, List.of("w1", "w2"), Placement::identity)
                        .get(0));
            }
            assertEquals(owners.stream().filter("w1"::equals).count(), worker.reads.get());
            assertEquals(owners.stream().filter("w2"::equals).count(), second.reads.get());
            worker.fault = Fault.DIE;
            assertArrayEquals(OBJECT.bytes(), fetch(source, 0, OBJECT.bytes().length));
        }
    }

    @Test
    void aSinkThatTakesItsTimeHoldsTheWorkerBack() throws Exception {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        AtomicInteger given = new AtomicInteger();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            all.add(source.fetch(TestObject.CONTEXT, OBJECT.ref(), 0, 8 * MIB, bytes -> {
                given.incrementAndGet();
                return taken;
            }));
        }
        long[] last = {-1, 0};
        Await.until("the worker can send no more", () -> {
            long sent = worker.bytesSent.get();
            last[1] = sent > 0 && sent == last[0] ? last[1] + 1 : 0;
            last[0] = sent;
            return last[1] > 400; // Looked at every 2 ms; longer than the stall timeout.
        });
        assertTrue(last[0] < 64L * MIB, "sent " + last[0] + " of 128 MiB to sinks that took nothing");
        assertEquals(0, counter("hearth.client.stalls"), "the worker is not to blame");
        taken.complete(null);
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
    }

    @Test
    void cancellingTellsTheWorker() throws Exception {
        worker.fault = Fault.SLOW;
        CompletableFuture<Void> fetch = source.fetch(TestObject.CONTEXT, OBJECT.ref(), 0, 8 * MIB, new Collector());
        Await.until("the worker is asked", () -> worker.reads.get() == 1);
        fetch.cancel(false);
        Await.until(
                "the worker is told",
                () -> worker.heard.stream().anyMatch(message -> message instanceof Message.Cancel));
    }

    @Test
    void hintsReachTheOwners() throws Exception {
        source.prefetch(TestObject.CONTEXT, OBJECT.ref(), 0, OBJECT.bytes().length);
        Await.until("the hint comes", () -> worker.hints().size() == 1);
        assertEquals(OBJECT.bytes().length, worker.hints().get(0).length());
    }

    @Test
    void eachOwnerIsToldOfItsBlocksAtOnceAndAnOlderOneRunByRun() throws Exception {
        ObjectRef large =
                new ObjectRef("0123456789abcdef", "large", OBJECT.ref().validator(), 800L * MIB);
        BlockOrder order = new BlockOrder(List.of(new Run(70, 30), new Run(0, 60), new Run(65, 1)));
        worker.features = Features.BLOCKS;
        try (FakeWorker older = new FakeWorker("w2", 0, OBJECT)) {
            directory.update(List.of(worker.address(), older.address()));
            source.prefetch(TestObject.CONTEXT, large, order);
            Map<String, List<Integer>> owned = order.numbers()
                    .boxed()
                    .collect(Collectors.groupingBy(
                            block -> directory.order(large.id(), block).get(0).id()));
            Await.until(
                    "one message",
                    () -> worker.heard.stream()
                            .filter(message -> message instanceof Message.PrefetchBlocks)
                            .map(message -> ((Message.PrefetchBlocks) message).blocks())
                            .map(blocks -> blocks.numbers().boxed().toList())
                            .toList()
                            .equals(List.of(owned.get("w1"))));
            Await.until(
                    "and many",
                    () -> older.hints().stream()
                            .flatMap(hint -> BlockOrder.ofBytes(hint.offset(), hint.length())
                                    .numbers()
                                    .boxed())
                            .toList()
                            .equals(owned.get("w2")));
            assertEquals(List.of(), worker.hints());
        }
    }

    @Test
    void closingEndsWhatIsInFlight() {
        worker.fault = Fault.SLOW;
        CompletableFuture<Void> fetch = source.fetch(TestObject.CONTEXT, OBJECT.ref(), 0, 8 * MIB, new Collector());
        Await.until("the worker is asked", () -> worker.reads.get() == 1);
        source.close();
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> fetch.get(30, TimeUnit.SECONDS));
        assertEquals(FailureKind.UNAVAILABLE, HearthException.of(thrown).kind());
    }

    private byte[] fetch(Source from, long offset, int length) throws Exception {
        Collector collector = new Collector();
        from.fetch(TestObject.CONTEXT, OBJECT.ref(), offset, length, collector).get(20, TimeUnit.SECONDS);
        return collector.bytes();
    }

    private HearthException failure(long offset, int length) {
        return HearthException.of(assertThrows(ExecutionException.class, () -> fetch(source, offset, length)));
    }

    private boolean succeeds(long offset, int length) {
        try {
            return Arrays.equals(OBJECT.range(offset, length), fetch(source, offset, length));
        } catch (Exception e) {
            return false;
        }
    }

    private int connectionsOpen() {
        return (int) registry.get("hearth.client.worker.connections").gauge().value();
    }

    private double counter(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }
}
