package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many threads fill, read, lease, seal and drop objects of several blocks, while upkeep evicts blocks and moves objects
 * between two tiers, and another thread gives bytes back: bytes stay right, and every account ends at nothing.
 */
class TierUpkeepConcurrencyTest {
    private static final int CHUNK_BYTES = 1024;
    private static final int OBJECTS = 12;
    private static final int THREADS = 5;
    private static final int STEPS = 3000;
    /**
     * What must have happened before the threads end: a busy machine may let them do their steps before upkeep's first
     * turn.
     */
    private static final int BLOCKS = 11;

    private static final Duration AT_MOST = Duration.ofSeconds(60);
    private static final long FAST_BYTES = 40 * 4096;

    @TempDir
    Path directory;

    private final AtomicLong moves = new AtomicLong();
    private final AtomicLong blocks = new AtomicLong();
    private final AtomicBoolean stop = new AtomicBoolean();

    @Test
    void readersSeeRightBytesWhileBlocksLeaveAndObjectsMoveAroundThem() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        ExecutorService threads = Executors.newFixedThreadPool(THREADS + 2);
        ExecutorService closer = Executors.newSingleThreadExecutor();
        TierEnvironment environment = environment(closer);
        TierStore store = TierStore.open(
                List.of(spec(Medium.MEM, FAST_BYTES), spec(Medium.SSD, 2 * FAST_BYTES)),
                environment,
                () -> EvictionChoice.S3_FIFO.policy(3));
        try {
            Future<?> upkeep = threads.submit(() -> upkeep(store, environment));
            Future<?> giver = threads.submit(() -> give(store, new Random(seed - 1)));
            List<Future<Long>> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                long mine = seed + i;
                workers.add(threads.submit(() -> work(store, new Random(mine))));
            }
            long read = 0;
            for (Future<Long> worker : workers) {
                read += worker.get(120, TimeUnit.SECONDS);
            }
            stop.set(true);
            upkeep.get(30, TimeUnit.SECONDS);
            giver.get(30, TimeUnit.SECONDS);
            System.out.println("seed " + seed + ": " + read + " chunks read, " + moves + " moves, " + blocks
                    + " blocks evicted, beside each other");
            assertTrue(read > STEPS && enough(), "too little happened, seed " + seed);
            store.evict(store.files().stream().map(ObjectFile::id).toList());
        } finally {
            stop.set(true);
            threads.shutdownNow();
            closer.shutdown();
            assertTrue(closer.awaitTermination(10, TimeUnit.SECONDS));
        }
        for (Tier tier : store.tiers()) {
            assertEquals(0, tier.usedBytes(), "used in " + tier.spec().medium() + ", seed " + seed);
            assertEquals(0, tier.heldBytes(), "held in " + tier.spec().medium() + ", seed " + seed);
        }
        store.close();
    }

    private void upkeep(TierStore store, TierEnvironment environment) {
        UpkeepEvents events = new UpkeepEvents() {
            @Override
            public void evictedAhead() {}

            @Override
            public void moved(boolean faster, long residentBytes) {
                moves.incrementAndGet();
            }

            @Override
            public void moveAbandoned() {}
        };
        TierUpkeep upkeep = new TierUpkeep(store, environment, events, System::nanoTime);
        while (!stop.get()) {
            upkeep.turn();
        }
        upkeep.stop();
    }

    private void give(TierStore store, Random random) {
        GiveBack giveBack = new GiveBack(store, Runnable::run);
        Tier fast = store.tiers().get(0);
        while (!stop.get()) {
            giveBack.give(fast, 1 + random.nextInt(16 * 4096));
            giveBack.grow(fast, FAST_BYTES);
            Thread.yield();
        }
    }

    private long work(TierStore store, Random random) {
        long read = 0;
        Optional<Lease> lease = Optional.empty();
        long until = System.nanoTime() + AT_MOST.toNanos();
        for (int step = 0; step < STEPS || !enough() && System.nanoTime() < until; step++) {
            ObjectRef object = object(random.nextInt(OBJECTS));
            if (random.nextInt(16) == 0) {
                lease.ifPresent(Lease::close);
                lease = random.nextBoolean()
                        ? store.leaseOrCreate(object, object.id(), "ns")
                        : store.lease(object.id());
            }
            if (random.nextInt(60) == 0) {
                store.evict(Set.of(object.id()));
                continue;
            }
            Optional<ObjectFile> file = store.find(object.id())
                    .filter(ObjectFile::tryHold)
                    .or(() -> store.holdOrBegin(object, object.id(), "ns"));
            if (file.isPresent()) {
                read += use(store, file.get(), random) ? 1 : 0;
                file.get().release();
            }
        }
        lease.ifPresent(Lease::close);
        return read;
    }

    private boolean enough() {
        return blocks.get() >= BLOCKS && moves.get() > 0;
    }

    private boolean use(TierStore store, ObjectFile file, Random random) {
        int chunk = random.nextInt(file.layout().chunks());
        store.used(file, random.nextInt(3) == 0 ? 0 : file.layout().offset(chunk));
        if (random.nextInt(100) == 0) {
            file.seal();
        }
        if (!file.verify(chunk, ByteBuffer.allocate(300)) && !fill(store, file, chunk)) {
            return false;
        }
        ByteBuffer target = ByteBuffer.allocate(file.layout().length(chunk));
        OptionalInt crc = file.crc(chunk);
        file.read(file.layout().offset(chunk), target);
        byte[] wanted = bytes(file.object(), chunk, target.capacity());
        assertArrayEquals(wanted, target.array());
        assertEquals(crc(wanted), crc.orElseThrow(), "a chunk of a held file never leaves it");
        return true;
    }

    private static boolean fill(TierStore store, ObjectFile file, int chunk) {
        if (!store.cover(file, ChunkLayout.blockOf(chunk))) {
            return false;
        }
        byte[] bytes = bytes(file.object(), chunk, file.layout().length(chunk));
        try {
            file.write(chunk, ByteBuffer.wrap(bytes), crc(bytes));
            return true;
        } catch (HearthException e) {
            assertEquals(FailureKind.INTERNAL, e.kind());
            return false;
        }
    }

    private TierEnvironment environment(ExecutorService closer) {
        TierSettings settings = new SettingsBinder(Path.of(""))
                .bind(TierSettings.class, Map.of("worker.move-rate", "1GiB", "worker.move-wait", "2ms"));
        TierIo io = new CountingTierIo() {
            @Override
            public void punch(Path path, long offset, long length) throws java.io.IOException {
                blocks.incrementAndGet();
                super.punch(path, offset, length);
            }
        };
        return new TierEnvironment(
                io, TierEvents.NONE, closer, Clock.systemUTC(), CHUNK_BYTES, 2, 1000, new TestSpace(), settings);
    }

    private TierSpec spec(Medium medium, long quotaBytes) {
        return new TierSpec(medium, directory.resolve(medium.name()), quotaBytes, new Watermarks(0.9, 0.6));
    }

    /** Of one to four blocks. */
    private static ObjectRef object(int number) {
        return new ObjectRef(
                "origin", "key-" + number, new Validator.LastModified(1), 5000 + number % 4 * 8L * CHUNK_BYTES);
    }

    private static byte[] bytes(ObjectRef object, int chunk, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (1 + Math.floorMod(object.key().hashCode() * 31 + chunk * 7 + i * 13, 255));
        }
        return bytes;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }
}
