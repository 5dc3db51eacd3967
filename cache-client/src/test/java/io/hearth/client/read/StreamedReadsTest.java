package io.hearth.client.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.Await;
import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.MemoryOrigin;
import io.hearth.client.MemoryOrigin.Fetch;
import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.client.PrefetchHints;
import io.hearth.client.TestObject;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamedReadsTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final TestObject OBJECT = TestObject.random("a.bin", 40 * MIB + 4321);
    private static final TestObject OTHER = TestObject.random("b.bin", 24 * MIB);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MemoryOrigin origin = new MemoryOrigin(OBJECT, OTHER);
    private final Queue<long[]> hints = new ConcurrentLinkedQueue<>();
    private final Queue<long[]> otherHints = new ConcurrentLinkedQueue<>();
    private final PrefetchHints hearer = (context, object, offset, length) ->
            (object.equals(OTHER.ref()) ? otherHints : hints).add(new long[] {offset, length});
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private StreamedReads reads = reads(Map.of());

    private StreamedReads reads(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.putIfAbsent("client.read-timeout", "10s");
        return new StreamedReads(
                origin, hearer, TestObject.CONTEXT, ClientSettings.of(all), new ClientMetrics(registry));
    }

    private void restart(Map<String, String> settings) {
        reads.close();
        reads = reads(settings);
    }

    @AfterEach
    void nothingIsLeft() {
        reads.close();
        Await.until("buffers are given back", () -> reads.memoryInUse() == 0);
        origin.close();
        threads.shutdownNow();
    }

    @Test
    void aSequentialReaderGetsEveryByteAndFetchesEachOnce() {
        origin.pieceBytes(MIB);
        try (OpenObject open = reads.open(OBJECT.ref())) {
            assertArrayEquals(OBJECT.bytes(), readAll(open, OBJECT, 128 * KIB));
        }
        assertEquals(
                OBJECT.bytes().length,
                origin.fetches().stream().mapToLong(Fetch::length).sum());
        assertTrue(origin.fetches().size() <= 16, origin.fetches().size() + " fetches");
        assertTrue(
                origin.fetches().stream().anyMatch(fetch -> fetch.length() == Geometry.BLOCK_BYTES),
                "blocks in one piece");
    }

    @Test
    void blocksAheadAreHintedOnce() {
        try (OpenObject open = reads.open(OBJECT.ref())) {
            readAll(open, OBJECT, 128 * KIB);
        }
        long end = Geometry.BLOCK_BYTES;
        for (long[] hint : hints) {
            assertEquals(end, hint[0]);
            end += hint[1];
        }
        assertEquals(OBJECT.bytes().length, end);
    }

    @Test
    void blocksAheadAreHintedWhileTheFirstBytesOfAStreamAreLate() {
        CompletableFuture<Void> gate = origin.holdBack();
        CompletableFuture<Void> peek = CompletableFuture.runAsync(() -> late(OTHER, 16 * KIB), threads);
        CompletableFuture<Void> stream = CompletableFuture.runAsync(() -> late(OBJECT, 128 * KIB), threads);
        Await.until(
                "the whole object is hinted",
                () -> hints.stream().anyMatch(hint -> hint[0] + hint[1] == OBJECT.bytes().length));
        gate.complete(null);
        CompletableFuture.allOf(peek, stream).join();
        long end = Geometry.BLOCK_BYTES;
        for (long[] hint : hints) {
            assertEquals(end, hint[0], "one after another");
            end += hint[1];
        }
        assertEquals(0, otherHints.size(), "a look at a header is no stream");
    }

    @Test
    void aStreamIsHintedBeforeItsBytesAreThere() {
        OpenObject open = reads.open(OBJECT.ref());
        long from = 20L * MIB;
        read(open, from, 4 * KIB);
        CompletableFuture<Void> gate = origin.holdBack();
        CompletableFuture<byte[]> late =
                CompletableFuture.supplyAsync(() -> read(open, from + 4 * KIB, MIB + 512 * KIB), threads);
        Await.until("a hint", () -> !hints.isEmpty());
        assertFalse(late.isDone());
        gate.complete(null);
        assertEquals(MIB + 512 * KIB, late.join().length);
    }

    private void late(TestObject object, int length) {
        try (OpenObject open = reads.open(object.ref())) {
            assertArrayEquals(Arrays.copyOf(object.bytes(), length), read(open, 0, length));
        }
    }

    @Test
    void withoutAWorkerSeveralBlocksAreFetchedAtOnce() throws Exception {
        reads.close();
        reads = new StreamedReads(
                origin, PrefetchHints.NONE, TestObject.CONTEXT, ClientSettings.defaults(), new ClientMetrics(registry));
        OpenObject open = reads.open(OBJECT.ref());
        for (long at = 0; at < 24L * MIB; at += MIB) {
            read(open, at, MIB);
        }
        CompletableFuture<Void> gate = origin.holdBack();
        read(open, 24L * MIB, MIB);
        assertEquals(
                OBJECT.bytes().length,
                origin.fetches().stream().mapToLong(Fetch::length).sum(),
                "all of the rest is under way");
        gate.complete(null);
    }

    @Test
    void piecesThatComeTheLastFirstMakeUpTheFile() {
        origin.splitInto(MIB);
        try (OpenObject open = reads.open(OBJECT.ref())) {
            assertArrayEquals(OBJECT.bytes(), readAll(open, OBJECT, 128 * KIB));
        }
        assertEquals(
                OBJECT.bytes().length,
                origin.fetches().stream().mapToLong(Fetch::length).sum());
    }

    @Test
    void withoutAWorkerTheFirstBytesOfASlowOriginAreNotWaitedForBeforeMoreIsAsked() throws Exception {
        reads.close();
        reads = new StreamedReads(
                origin, PrefetchHints.NONE, TestObject.CONTEXT, ClientSettings.defaults(), new ClientMetrics(registry));
        OpenObject open = reads.open(OBJECT.ref());
        CompletableFuture<Void> gate = origin.holdBack();
        Future<byte[]> first = threads.submit(() -> read(open, 0, MIB));
        Await.until(
                "all of the file is asked for",
                () -> origin.fetches().stream().mapToLong(Fetch::length).sum() == OBJECT.bytes().length);
        gate.complete(null);
        assertArrayEquals(OBJECT.range(0, MIB), first.get(10, TimeUnit.SECONDS));
        open.close();
    }

    @Test
    void readsStopAtTheEnd() {
        try (OpenObject open = reads.open(OBJECT.ref())) {
            int size = OBJECT.bytes().length;
            assertEquals(0, open.read(size, ByteBuffer.allocate(10)));
            assertEquals(0, open.read(size + 5L, ByteBuffer.allocate(10)));
            assertEquals(0, open.read(0, ByteBuffer.allocate(0)));
            ByteBuffer tail = ByteBuffer.allocate(100);
            assertEquals(7, open.read(size - 7, tail));
            assertEquals(7, tail.position());
        }
    }

    @Test
    void aRandomReadFetchesItsChunkAlone() {
        try (OpenObject open = reads.open(OBJECT.ref())) {
            open.read(17L * MIB + 5, ByteBuffer.allocate(4096));
            open.read(17L * MIB + 900_000, ByteBuffer.allocate(4096));
        }
        assertEquals(List.of(new Fetch(OBJECT.ref(), 17L * MIB, MIB)), origin.fetches());
    }

    @Test
    void theSecondRandomReadInABlockHintsThatBlockAlone() {
        try (OpenObject open = reads.open(OBJECT.ref());
                OpenObject again = reads.open(OBJECT.ref())) {
            read(open, 17L * MIB + 5, 4 * KIB);
            assertEquals(0, hints.size());
            read(again, 22L * MIB + 5, 4 * KIB);
            read(open, 19L * MIB + 5, 4 * KIB);
        }
        assertEquals(1, hints.size());
        assertArrayEquals(new long[] {16L * MIB, Geometry.BLOCK_BYTES}, hints.peek());
        assertEquals(
                3L * MIB, origin.fetches().stream().mapToLong(Fetch::length).sum());
    }

    @Test
    void withoutAWorkerTheSecondRandomReadInABlockFetchesThatBlockAlone() {
        reads.close();
        reads = new StreamedReads(
                origin, PrefetchHints.NONE, TestObject.CONTEXT, ClientSettings.defaults(), new ClientMetrics(registry));
        try (OpenObject open = reads.open(OBJECT.ref())) {
            read(open, 17L * MIB + 5, 4 * KIB);
            read(open, 22L * MIB + 5, 4 * KIB);
            assertEquals(
                    Geometry.BLOCK_BYTES,
                    origin.fetches().stream().mapToLong(Fetch::length).sum());
            assertArrayEquals(OBJECT.range(16L * MIB, 8 * MIB), read(open, 16L * MIB, 8 * MIB));
        }
    }

    @Test
    void theThreadsOfALoaderKeepTheirWindowsInLittleMemory() throws Exception {
        restart(Map.of("client.read-memory", "24MiB"));
        int size = OBJECT.bytes().length;
        int slice = size / 10;
        List<Future<?>> readers = new ArrayList<>();
        try (OpenObject open = reads.open(OBJECT.ref());
                OpenObject other = reads.open(OBJECT.ref())) {
            for (int reader = 0; reader * slice < size; reader++) {
                long from = (long) reader * slice;
                long to = Math.min(size, from + slice);
                OpenObject which = reader % 2 == 0 ? open : other;
                readers.add(threads.submit(() -> {
                    for (long at = from; at < to; at += 128 * KIB) {
                        int length = (int) Math.min(128 * KIB, to - at);
                        assertArrayEquals(OBJECT.range(at, length), read(which, at, length));
                    }
                }));
            }
            for (Future<?> reader : readers) {
                reader.get(30, TimeUnit.SECONDS);
            }
        }
        long fetched = origin.fetches().stream().mapToLong(Fetch::length).sum();
        // A chunk that two slices share, and one read ahead of a slice's end, may come twice.
        assertTrue(fetched <= size + readers.size() * 2L * MIB, fetched + " bytes");
    }

    @Test
    void readersOfOneChunkShareOneFetch() throws Exception {
        CompletableFuture<Void> gate = origin.holdBack();
        List<Future<byte[]>> readers = new ArrayList<>();
        OpenObject open = reads.open(OBJECT.ref());
        OpenObject again = reads.open(OBJECT.ref());
        for (int i = 0; i < 16; i++) {
            OpenObject which = i % 2 == 0 ? open : again;
            readers.add(threads.submit(() -> read(which, 20L * MIB, 1000)));
        }
        Await.until("a fetch", () -> !origin.fetches().isEmpty());
        gate.complete(null);
        for (Future<byte[]> reader : readers) {
            assertArrayEquals(OBJECT.range(20L * MIB, 1000), reader.get(10, TimeUnit.SECONDS));
        }
        assertEquals(1, origin.fetches().size());
    }

    @Test
    void randomPlansGiveTheOraclesBytes() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        restart(Map.of("client.read-memory", "6MiB", "client.read-ahead", "4MiB"));
        List<Future<?>> readers = new ArrayList<>();
        for (int thread = 0; thread < 6; thread++) {
            Random random = new Random(seed + thread);
            readers.add(threads.submit(() -> {
                for (int opening = 0; opening < 4; opening++) {
                    TestObject object = random.nextBoolean() ? OBJECT : OTHER;
                    try (OpenObject open = reads.open(object.ref())) {
                        plan(open, object, random, seed);
                    }
                }
            }));
        }
        for (Future<?> reader : readers) {
            reader.get(60, TimeUnit.SECONDS);
        }
    }

    private void plan(OpenObject open, TestObject object, Random random, long seed) {
        long at = 0;
        for (int step = 0; step < 60; step++) {
            int size = object.bytes().length;
            at = random.nextInt(4) == 0 ? random.nextInt(size) : Math.min(at, size - 1);
            int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 3 * MIB : 200 * KIB);
            ByteBuffer target = random.nextBoolean() ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
            int expected = Math.min(length, size - (int) at);
            assertEquals(expected, open.read(at, target), "seed " + seed);
            target.flip();
            assertEquals(object.buffer(at, expected), target, "seed " + seed + " at " + at + " +" + length);
            at += expected;
        }
    }

    @Test
    void sixteenReadersStayWithinTheMemory() throws Exception {
        restart(Map.of("client.read-memory", "8MiB"));
        AtomicLong highest = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        Future<?> watcher = threads.submit(() -> {
            while (!over.get()) {
                highest.accumulateAndGet(reads.memoryInUse(), Math::max);
                Thread.onSpinWait();
            }
        });
        CompletableFuture<Void> gate = origin.holdBack();
        List<Future<byte[]>> readers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            TestObject object = TestObject.random("c" + i, 3 * MIB + i);
            origin.add(object);
            readers.add(threads.submit(() -> {
                try (OpenObject open = reads.open(object.ref())) {
                    byte[] got = readAll(open, object, 100_000);
                    assertArrayEquals(object.bytes(), got);
                    return got;
                }
            }));
        }
        Await.until("the bound is near", () -> reads.memoryInUse() >= 4L * MIB);
        gate.complete(null);
        for (Future<byte[]> reader : readers) {
            reader.get(30, TimeUnit.SECONDS);
        }
        over.set(true);
        watcher.get(30, TimeUnit.SECONDS);
        assertTrue(highest.get() <= 8L * MIB, highest + " bytes");
    }

    @Test
    void closingAnObjectEndsItsReadsAndFreesItsChunks() throws Exception {
        CompletableFuture<Void> gate = origin.holdBack();
        OpenObject open = reads.open(OBJECT.ref());
        Future<byte[]> reader = threads.submit(() -> read(open, 0, 1000));
        Await.until("a fetch", () -> !origin.fetches().isEmpty());
        open.close();
        Exception thrown = assertThrows(Exception.class, () -> reader.get(30, TimeUnit.SECONDS));
        assertEquals(FailureKind.UNAVAILABLE, HearthException.of(thrown).kind());
        assertEquals(0, reads.memoryInUse());
        gate.complete(null);
    }

    @Test
    void closingWithReadsInFlightEndsThemAll() throws Exception {
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            OpenObject open = reads.open(OBJECT.ref());
            readers.add(threads.submit(() -> {
                for (long at = 0; ; at = (at + 777_777) % OBJECT.bytes().length) {
                    byte[] got = read(open, at, 50_000);
                    assertEquals(OBJECT.buffer(at, got.length), ByteBuffer.wrap(got));
                }
            }));
        }
        Await.until("some bytes", () -> origin.bytesGiven() > 20L * MIB);
        reads.close();
        for (Future<?> reader : readers) {
            Exception thrown = assertThrows(Exception.class, () -> reader.get(30, TimeUnit.SECONDS));
            assertEquals(FailureKind.UNAVAILABLE, HearthException.of(thrown).kind(), String.valueOf(thrown));
        }
    }

    @Test
    void aReadThatGetsNothingTimesOut() {
        restart(Map.of("client.read-timeout", "200ms"));
        CompletableFuture<Void> gate = origin.holdBack();
        try (OpenObject open = reads.open(OBJECT.ref())) {
            HearthException thrown = assertThrows(HearthException.class, () -> read(open, 0, 10));
            assertEquals(FailureKind.TIMEOUT, thrown.kind());
        }
        gate.complete(null);
    }

    @Test
    void aFailedReadAheadDoesNotFailTheReader() {
        try (OpenObject open = reads.open(OBJECT.ref())) {
            byte[] start = read(open, 0, MIB); // Reads chunk 1 ahead.
            assertArrayEquals(OBJECT.range(0, MIB), start);
            Await.until("the read-ahead", () -> origin.fetches().size() >= 1);
            origin.failNext(FailureKind.UNAVAILABLE);
            origin.failNext(FailureKind.UNAVAILABLE);
            int failures = 0;
            for (long at = MIB; at < OBJECT.bytes().length; at += MIB) {
                int length = (int) Math.min(MIB, OBJECT.bytes().length - at);
                try {
                    assertArrayEquals(OBJECT.range(at, length), read(open, at, length));
                } catch (HearthException e) {
                    failures++;
                    assertEquals(FailureKind.UNAVAILABLE, e.kind());
                    at -= MIB; // As an application would: once more.
                }
            }
            assertTrue(failures <= 1, failures + " reads failed of 2 failed fetches");
        }
    }

    @Test
    void aFailureOfTheReadsOwnFetchIsTold() {
        origin.failNext(FailureKind.STALE);
        try (OpenObject open = reads.open(OBJECT.ref())) {
            HearthException thrown = assertThrows(HearthException.class, () -> read(open, 30L * MIB, MIB));
            assertEquals(FailureKind.STALE, thrown.kind());
            assertArrayEquals(OBJECT.range(30L * MIB, 100), read(open, 30L * MIB, 100));
        }
    }

    @Test
    void bytesAreGivenAsTheyCome() throws Exception {
        origin.pieceBytes(64 * KIB);
        CompletableFuture<Void> half = origin.pauseAfter(128 * KIB);
        OpenObject open = reads.open(OBJECT.ref());
        assertArrayEquals(OBJECT.range(9L * MIB, 1000), read(open, 9L * MIB, 1000));
        half.complete(null);
    }

    private static byte[] read(OpenObject open, long offset, int length) {
        ByteBuffer target = ByteBuffer.allocate(length);
        int got = open.read(offset, target);
        byte[] bytes = new byte[got];
        target.flip().get(bytes);
        return bytes;
    }

    private static byte[] readAll(OpenObject open, TestObject object, int requestBytes) {
        ByteBuffer all = ByteBuffer.allocate(object.bytes().length);
        while (all.hasRemaining()) {
            int start = all.position();
            all.limit(Math.min(all.capacity(), start + requestBytes));
            assertTrue(open.read(start, all) > 0);
            all.limit(all.capacity());
        }
        return all.array();
    }
}
