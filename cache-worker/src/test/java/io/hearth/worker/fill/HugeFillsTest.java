package io.hearth.worker.fill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.FakeOrigin;
import io.hearth.worker.WireClient;
import io.hearth.worker.WorkerRig;
import io.hearth.worker.memory.MemoryBudget;
import io.hearth.worker.memory.SlabPool;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.CountingTierIo;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which fills ask for huge pages. */
class HugeFillsTest {
    private static final int MIB = 1 << 20;
    private static final PrefetchSettings AHEAD = PrefetchSettings.of(Map.of());

    @TempDir
    Path directory;

    private final FakeOrigin origin = new FakeOrigin();
    private final DiskThreads disk = new DiskThreads(4, 100);
    private final SlabPool buffers = new SlabPool(MIB, new MemoryBudget(4 * MIB, 6));

    @AfterEach
    void close() {
        disk.close();
        origin.close();
    }

    private final class RefusingIo extends CountingTierIo {
        @Override
        public OptionalLong prepareHuge(Path path, long offset, long length) throws IOException {
            super.prepareHuge(path, offset, length);
            throw new UnsupportedOperationException("as the test wants it");
        }
    }

    private final class GivingIo extends CountingTierIo {
        private final long costNs;

        GivingIo(long costNs) {
            this.costNs = costNs;
        }

        @Override
        public OptionalLong prepareHuge(Path path, long offset, long length) throws IOException {
            try {
                super.prepareHuge(path, offset, length);
            } catch (UnsupportedOperationException e) {
                // Whether this machine has any is HugePagesTest's to say.
            }
            return OptionalLong.of(costNs);
        }
    }

    @Test
    void eachBlockOfAMemoryTierAsksOnceAndAChunkByItselfDoesNot() throws Exception {
        assertEquals(3, asked(new GivingIo(0), Medium.MEM));
    }

    @Test
    void aDearOneIsTheLastForAWhile() throws Exception {
        assertEquals(1, asked(new GivingIo(TimeUnit.SECONDS.toNanos(1)), Medium.MEM));
    }

    @Test
    void aDiskIsNotAsked() throws Exception {
        assertEquals(0, asked(new GivingIo(0), Medium.SSD));
    }

    @Test
    void aRefusalIsTheLast() throws Exception {
        assertEquals(1, asked(new RefusingIo(), Medium.MEM));
    }

    @Test
    void aBlockThatWasPreparedAndNotFilledIsNotChargedOnceNobodyHoldsTheFile() throws Exception {
        GivingIo io = new GivingIo(0);
        try (TierStore store = store(io, Medium.MEM);
                Fills fills = fills(store)) {
            ObjectRef object = FakeOrigin.object("weights", 20 * MIB);
            ObjectFile file = store.holdOrBegin(object, object.id(), "ns").orElseThrow();
            fills.ensure(WireClient.CONTEXT, file, 17, false).get(10, TimeUnit.SECONDS);
            WorkerRig.await("the last block is there", () -> file.residentBytes() == 4L * MIB && disk.size() == 0);
            long filledBytes = 4L * MIB;
            for (int block = 0; block < 2; block++) {
                origin.failure = Optional.of(FailureKind.UNAVAILABLE);
                int chunk = block * Geometry.CHUNKS_PER_BLOCK;
                assertThrows(
                        ExecutionException.class,
                        () -> fills.ensure(WireClient.CONTEXT, file, chunk, false)
                                .get(10, TimeUnit.SECONDS));
            }
            WorkerRig.await("prepared", () -> io.counts().getOrDefault("prepareHuge", 0) == 3 && disk.size() == 0);
            assertEquals(20L * MIB, file.chargeBytes(), "while it is held");
            file.release();
            WorkerRig.await("the others are not charged", () -> file.chargeBytes() == filledBytes);
            assertEquals(filledBytes, file.residentBytes());
            assertEquals(2, io.counts().get("punch"));
            origin.failure = Optional.empty();
            assertTrue(file.hold());
            fills.ensure(WireClient.CONTEXT, file, 3, false).get(10, TimeUnit.SECONDS);
            WorkerRig.await("filled after all", () -> file.residentBytes() == 12L * MIB && disk.size() == 0);
            file.release();
            WorkerRig.await("the disk is done with it", () -> disk.size() == 0);
            assertEquals(12L * MIB, file.chargeBytes());
            assertEquals(2, io.counts().get("punch"));
        }
    }

    private TierStore store(CountingTierIo io, Medium medium) {
        return TierStore.open(
                List.of(new TierSpec(medium, directory.resolve("tier"), 64 * MIB)),
                new TierEnvironment(io, TierEvents.NONE, disk, Clock.systemUTC(), Geometry.CHUNK_BYTES, 8, 60_000),
                () -> EvictionChoice.S3_FIFO.policy(100));
    }

    private Fills fills(TierStore store) {
        return new Fills(
                origin,
                store,
                disk,
                buffers,
                new FillSlots(3, 100, 100, 100),
                new FillSlots(3, 100, 1, 1),
                AHEAD,
                new WorkerMetrics(new SimpleMeterRegistry()),
                filled -> {});
    }

    /** Fills a chunk by itself, then the object's three blocks, one after the other. */
    private int asked(CountingTierIo io, Medium medium) throws Exception {
        try (TierStore store = store(io, medium);
                Fills fills = fills(store)) {
            ObjectRef object = FakeOrigin.object("weights", 20 * MIB);
            ObjectFile file = store.holdOrBegin(object, object.id(), "ns").orElseThrow();
            fills.ensure(WireClient.CONTEXT, file, 9, true).get(10, TimeUnit.SECONDS);
            assertEquals(0, io.counts().getOrDefault("prepareHuge", 0), "one chunk may stay the only one of its block");
            for (int block = 0; block < 3; block++) {
                fills.prefetch(WireClient.CONTEXT, object, BlockOrder.ofBytes(block * 8L * MIB, 4 * MIB))
                        .get(10, TimeUnit.SECONDS);
                WorkerRig.await("the disk is done with it", () -> disk.size() == 0);
                long wanted = MIB * Math.min(20, (block + 1) * 8L);
                WorkerRig.await("the block is there", () -> file.residentBytes() >= wanted && disk.size() == 0);
            }
            file.release();
            return io.counts().getOrDefault("prepareHuge", 0);
        }
    }
}
