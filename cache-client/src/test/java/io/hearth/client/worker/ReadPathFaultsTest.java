package io.hearth.client.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.Await;
import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.FallbackSource;
import io.hearth.client.MemoryOrigin;
import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.client.TestObject;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.read.StreamedReads;
import io.hearth.client.worker.FakeWorker.Fault;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.PoolArenaMetric;
import io.netty.util.ResourceLeakDetector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads as a mount makes them, while the worker misbehaves. */
class ReadPathFaultsTest {
    private static final int MIB = 1 << 20;
    private static final TestObject OBJECT = TestObject.random("weights.bin", 48 * MIB + 54_321);

    /** Above what a crowded machine adds to the stall of 250 ms; far below the time-out of a read. */
    private static final long STALL_MS_MAX = 15_000;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ClientMetrics metrics = new ClientMetrics(registry);
    private final WorkerDirectory directory = new WorkerDirectory();
    private final MemoryOrigin origin = new MemoryOrigin(OBJECT);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private FakeWorker worker;
    private WorkerSource source;
    private StreamedReads reads;

    @BeforeAll
    static void watchLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @BeforeEach
    void start() throws Exception {
        worker = new FakeWorker("w1", 0, OBJECT);
        directory.update(List.of(worker.address()));
        open("700ms", "250ms", "1s");
    }

    private void open(String connectTimeout, String stallTimeout, String workerTimeout) {
        ClientSettings settings = ClientSettings.of(Map.of(
                "client.connect-timeout", connectTimeout,
                "client.ping-after", "50ms",
                "client.stall-timeout", stallTimeout,
                "client.worker-timeout", workerTimeout,
                "client.down-min", "20ms",
                "client.down-max", "200ms",
                "client.read-memory", "32MiB"));
        source = new WorkerSource(directory, ClusterToken.NONE, settings, metrics);
        reads = new StreamedReads(
                new FallbackSource(source, origin, metrics), source, TestObject.CONTEXT, settings, metrics);
    }

    /**
     * Once more, with other patience, and all of it for the greeting: where that is late, the origin gives the first
     * chunks.
     */
    private void reopen(String stallTimeout, String workerTimeout) {
        reads.close();
        source.close();
        open("1m", stallTimeout, workerTimeout);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        long start = System.nanoTime();
        reads.close();
        source.close();
        assertTrue(System.nanoTime() - start < 20_000_000_000L, "closing takes too long");
        worker.close();
        origin.close();
        threads.shutdownNow();
        Await.until("chunks are given back", () -> reads.memoryInUse() == 0);
        Await.until(
                "buffers are given back",
                () -> source.buffers().metric().directArenas().stream()
                                .mapToLong(PoolArenaMetric::numActiveAllocations)
                                .sum()
                        == 0);
    }

    @Test
    void aWarmWorkerSparesTheOrigin() {
        reopen("30s", "60s");
        assertArrayEquals(OBJECT.bytes(), readAll());
        assertEquals(0, origin.bytesGiven());
        assertEquals(OBJECT.bytes().length, worker.bytesSent.get(), "each byte once");
    }

    @ParameterizedTest
    @EnumSource(names = {"DIE", "PAUSE", "FLIP_BIT", "GIBBERISH", "SKIP", "SAY_OVERLOADED", "REFUSE", "MUTE"})
    void aFaultInTheMiddleDoesNotShow(Fault fault) throws Exception {
        Future<byte[]> reader = threads.submit(this::readAll);
        Await.until("some bytes", () -> worker.bytesSent.get() > 3L * MIB);
        worker.fault = fault;
        assertArrayEquals(OBJECT.bytes(), reader.get(30, TimeUnit.SECONDS));
        assertArrayEquals(OBJECT.bytes(), readAll());
    }

    @Test
    void aKilledWorkerStallsNobodyForLong() throws Exception {
        reopen("250ms", "60s");
        long longest = longestStallMs(() -> {
            try {
                worker.close();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertTrue(longest < STALL_MS_MAX, "a read took " + longest + " ms");
    }

    @Test
    void aPausedWorkerStallsNobodyForLong() throws Exception {
        reopen("250ms", "60s");
        long longest = longestStallMs(() -> worker.fault = Fault.PAUSE);
        assertTrue(longest < STALL_MS_MAX, "a read took " + longest + " ms");
    }

    private long longestStallMs(Runnable blow) {
        long longest = 0;
        try (OpenObject open = reads.open(OBJECT.ref())) {
            ByteBuffer target = ByteBuffer.allocate(128 << 10);
            for (long at = 0; at < OBJECT.bytes().length; at += target.position()) {
                if (at == 4L * MIB) {
                    blow.run();
                }
                target.clear();
                long start = System.nanoTime();
                open.read(at, target);
                longest = Math.max(longest, (System.nanoTime() - start) / 1_000_000);
                ByteBuffer got = target.duplicate().flip();
                assertEquals(OBJECT.buffer(at, got.remaining()), got);
            }
        }
        return longest;
    }

    @Test
    void manyReadersWhileFaultsComeAndGo() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random faults = new Random(seed);
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Random random = new Random(seed + i);
            readers.add(threads.submit(() -> {
                try (OpenObject open = reads.open(OBJECT.ref())) {
                    for (int step = 0; step < 40; step++) {
                        int length = 1 + random.nextInt(2 * MIB);
                        long at = random.nextInt(OBJECT.bytes().length - length);
                        ByteBuffer target = ByteBuffer.allocate(length);
                        assertEquals(length, open.read(at, target), "seed " + seed);
                        assertEquals(OBJECT.buffer(at, length), target.flip(), "seed " + seed);
                    }
                }
            }));
        }
        Fault[] some = {Fault.NONE, Fault.DIE, Fault.FLIP_BIT, Fault.GIBBERISH, Fault.SAY_OVERLOADED, Fault.SKIP};
        while (!readers.stream().allMatch(Future::isDone)) {
            worker.fault = some[faults.nextInt(some.length)];
            Await.until("something is read", () -> readers.stream().allMatch(Future::isDone) || moved());
        }
        for (Future<?> reader : readers) {
            reader.get(30, TimeUnit.SECONDS);
        }
    }

    private long seen;

    private boolean moved() {
        long now = worker.bytesSent.get() + origin.bytesGiven();
        boolean moved = now > seen + 4L * MIB;
        seen = moved ? now : seen;
        return moved;
    }

    private byte[] readAll() {
        ByteBuffer all = ByteBuffer.allocate(OBJECT.bytes().length);
        try (OpenObject open = reads.open(OBJECT.ref())) {
            while (all.hasRemaining()) {
                int start = all.position();
                all.limit(Math.min(all.capacity(), start + (128 << 10)));
                open.read(start, all);
                all.limit(all.capacity());
            }
        }
        return all.array();
    }
}
