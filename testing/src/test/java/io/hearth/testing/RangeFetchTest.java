package io.hearth.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.ObjectStore.ListedObject;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RangeFetchTest {
    private static final int SIZE = 1_000_000;

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final RangeFetch fetch = new RangeFetch(settings(), new OriginMetrics(meters), new Random(1), timer);
    private final MemoryObjectStore memory = new MemoryObjectStore();
    private final ListedObject object = memory.put("k", Content.noise(42, SIZE));
    private final ByteSink sink = new ByteSink();

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void resumesAfterTheLastByteWhateverBreaks() {
        CountingObjectStore counting = new CountingObjectStore(memory);
        FaultyObjectStore faulty = new FaultyObjectStore(
                counting,
                FaultPlan.gets(
                        new Fault.Refuse(FailureKind.OVERLOADED),
                        new Fault.CutAfter(100_001),
                        new Fault.ShortRead(3),
                        new Fault.StallAfter(250_000)));
        ObjectStoreContract.await(fetch.fetch(faulty, range(5, SIZE - 10), sink));
        assertArrayEquals(expected(5, SIZE - 10), sink.bytes());
        assertEquals(SIZE - 10, counting.bytes(), "bytes asked of the store twice");
        assertEquals(4, meters.counter("hearth.origin.retries").count());
    }

    @Test
    void aSinkOutOfMemoryEndsTheRange() {
        CompletableFuture<Void> broken = fetch.fetch(memory, range(0, SIZE), bytes -> {
            throw new OutOfMemoryError("no direct memory, as the test wants it");
        });
        ExecutionException failure = assertThrows(ExecutionException.class, () -> broken.get(30, TimeUnit.SECONDS));
        assertEquals(FailureKind.INTERNAL, HearthException.of(failure).kind());
    }

    @Test
    void survivesAnyMixtureOfFaults() {
        for (long seed = 1; seed <= 40; seed++) {
            List<Fault> faults = List.of(
                    new Fault.Refuse(FailureKind.UNAVAILABLE),
                    new Fault.CutAfter(70_000),
                    new Fault.CutAfter(0),
                    new Fault.ShortRead(65_536),
                    new Fault.SlowFirstByte(Duration.ofMillis(2)));
            FaultyObjectStore faulty = new FaultyObjectStore(memory, FaultPlan.seeded(seed, 0.6, faults));
            ByteSink received = new ByteSink();
            ObjectStoreContract.await(fetch.fetch(faulty, range(0, SIZE), received));
            assertArrayEquals(expected(0, SIZE), received.bytes(), "seed " + seed);
        }
        assertTrue(meters.counter("hearth.origin.retries").count() > 10, "too few faults to show anything");
    }

    @Test
    void givesUpAfterTheLastAttemptAndSaysWhy() {
        CountingObjectStore counting = new CountingObjectStore(
                new FaultyObjectStore(memory, (operation, key) -> new Fault.Refuse(FailureKind.OVERLOADED)));
        HearthException failure = fails(fetch.fetch(counting, range(0, 10), sink));
        assertEquals(FailureKind.OVERLOADED, failure.kind());
        assertTrue(failure.getMessage().contains("10 attempts"), failure::getMessage);
        assertEquals(10, counting.gets());
    }

    @Test
    void neverMixesTwoVersions() {
        Runnable overwrite = () -> memory.put("k", Content.noise(43, SIZE));
        FaultyObjectStore faulty =
                new FaultyObjectStore(memory, FaultPlan.gets(new Fault.Meanwhile(300_000, overwrite)));
        CountingObjectStore counting = new CountingObjectStore(faulty);
        HearthException failure = fails(fetch.fetch(counting, range(0, SIZE), sink));
        assertEquals(FailureKind.STALE, failure.kind());
        assertEquals(1, counting.gets(), "a version that is gone does not come back");
        assertArrayEquals(expected(0, sink.bytes().length), sink.bytes());
    }

    @Test
    void doesNotRepeatWhatTheSinkRefused() {
        CountingObjectStore counting = new CountingObjectStore(memory);
        RangeSink full = bytes -> CompletableFuture.failedStage(new HearthException(FailureKind.NO_SPACE, "no room"));
        assertEquals(
                FailureKind.NO_SPACE,
                fails(fetch.fetch(counting, range(0, SIZE), full)).kind());
        assertEquals(1, counting.gets());
    }

    @Test
    void aSlowSinkIsNoStall() {
        CountingObjectStore counting = new CountingObjectStore(memory);
        AtomicBoolean slept = new AtomicBoolean();
        RangeSink slow = bytes -> {
            sink.accept(bytes);
            return slept.getAndSet(true)
                    ? CompletableFuture.completedStage(null)
                    : CompletableFuture.runAsync(
                            () -> {}, CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS));
        };
        ObjectStoreContract.await(fetch.fetch(counting, range(0, SIZE), slow));
        assertArrayEquals(expected(0, SIZE), sink.bytes());
        assertEquals(1, counting.gets());
    }

    @Test
    void cancellingStopsIt() {
        CompletableFuture<Void> started = new CompletableFuture<>();
        FaultyObjectStore stalled = new FaultyObjectStore(memory, (operation, key) -> new Fault.StallAfter(10));
        CountingObjectStore counting = new CountingObjectStore(stalled);
        CompletableFuture<Void> result = fetch.fetch(counting, range(0, SIZE), bytes -> {
            started.complete(null);
            return CompletableFuture.completedStage(null);
        });
        ObjectStoreContract.await(started);
        result.cancel(true);
        // The timer has one thread: what was due before this has run once this has.
        ObjectStoreContract.await(
                CompletableFuture.runAsync(() -> {}, command -> timer.schedule(command, 300, TimeUnit.MILLISECONDS)));
        assertEquals(1, counting.gets());
    }

    private RangeRequest range(long offset, int length) {
        return new RangeRequest("k", object.validator(), SIZE, offset, length);
    }

    private static byte[] expected(int offset, int length) {
        byte[] all = Content.noise(42, SIZE).bytes(0, SIZE);
        return Arrays.copyOfRange(all, offset, offset + length);
    }

    private static HearthException fails(CompletableFuture<Void> future) {
        return assertThrows(HearthException.class, () -> ObjectStoreContract.await(future));
    }

    private static OriginSettings settings() {
        return new SettingsBinder(Path.of(""))
                .bind(
                        OriginSettings.class,
                        Map.of(
                                "origin.stall-timeout", "100ms",
                                "origin.backoff-base", "1ms",
                                "origin.backoff-max", "5ms",
                                "origin.attempts", "10"));
    }
}
