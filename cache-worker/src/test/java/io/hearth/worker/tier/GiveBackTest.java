package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.worker.WorkerRig;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GiveBackTest {
    private static final int CHUNK_BYTES = 4096;
    /** Data and the page of metadata. */
    private static final long CHARGE = 2L * CHUNK_BYTES;

    @TempDir
    Path directory;

    @Test
    void unleasedFilesGoFirstInTheOrderOfEvictionThenLeasedThenHeldOnes() {
        try (TierStore store = open(spec("mem", 100))) {
            Tier tier = store.tiers().get(0);
            GiveBack giveBack = new GiveBack(store, Runnable::run);
            ObjectFile held = filled(store, object("held", 1));
            Lease leased = store.leaseOrCreate(
                            object("leased", 1), object("leased", 1).id(), "ns")
                    .orElseThrow();
            fill(store, leased.file());
            filled(store, object("old", 1)).release();
            filled(store, object("young", 1)).release();
            assertEquals(4 * CHARGE, store.index().presentBytes(tier));

            assertEquals(new GiveBack.Given(CHUNK_BYTES, 0, 1, 0), giveBack.give(tier, CHARGE));
            assertTrue(store.find(object("old", 1).id()).isEmpty(), "the older of the two that nobody wants");
            assertEquals(new GiveBack.Given(2 * CHUNK_BYTES, 0, 2, 1), giveBack.give(tier, CHARGE + 1));
            assertEquals(Set.of(held.id()), ids(store), "the lease held nothing back, the reader did");
            assertTrue(leased.file().leased(), "the lease stands, over a file that is gone");

            assertEquals(new GiveBack.Given(0, CHUNK_BYTES, 1, 0), giveBack.give(tier, CHARGE));
            assertEquals(Set.of(), ids(store));
            assertFalse(Files.exists(tier.dataPath(held.id())));
            assertEquals(CHARGE, tier.zombieBytes());
            assertEquals(CHARGE, tier.usedBytes());
            assertEquals(0, tier.quotaBytes());
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
            held.read(0, bytes);
            assertArrayEquals(content(held.object(), 0), bytes.array());
            held.release();
            assertEquals(0, tier.usedBytes(), "free when the last holder let go");
            leased.close();
            assertEquals(0, tier.heldBytes());
        }
    }

    @Test
    void theOldestLeavesFirstAndNoMoreThanIsWanted() {
        try (TierStore store = open(spec("mem", 2000))) {
            Tier tier = store.tiers().get(0);
            List<ObjectId> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                ObjectFile file = filled(store, object("o" + i, 300));
                all.add(file.id());
                file.release();
                tier.allow(Long.MAX_VALUE);
            }
            Set<ObjectId> before = ids(store);
            assertEquals(7, before.size(), "2000 chunks hold 6 of 300, and blocks of one more");
            assertEquals(
                    1,
                    new GiveBack(store, Runnable::run)
                            .give(tier, 301L * CHUNK_BYTES)
                            .files());
            assertEquals(Set.copyOf(all.subList(2, 8)), ids(store));
            assertTrue(tier.usedBytes() <= tier.quotaBytes());
            assertTrue(tier.usedBytes() > tier.quotaBytes() - 8 * CHUNK_BYTES, "a block too many at most");
        }
    }

    @Test
    void whatWasGivenDoesNotComeBackThroughHolesNorThroughNewObjectsBeforeItIsGrownAgain() {
        try (TierStore store = open(spec("mem", 100), spec("next", 100))) {
            Tier mem = store.tiers().get(0);
            GiveBack giveBack = new GiveBack(store, Runnable::run);
            ObjectFile holes = filled(store, object("holes", 50));
            holes.release();
            ObjectFile whole = filled(store, object("whole", 1));
            whole.release();
            giveBack.give(mem, CHUNK_BYTES);
            assertTrue(mem.usedBytes() <= mem.quotaBytes(), "used " + mem.usedBytes());
            assertTrue(mem.quotaBytes() <= 3 * CHUNK_BYTES, "what is there, not what files could become");
            ObjectFile next = hold(store, object("new", 10));
            assertEquals(store.tiers().get(1), next.tier());
            assertEquals(
                    mem.quotaBytes() + 100L * CHUNK_BYTES,
                    store.room(List.of()).lentBytes(),
                    "a load is told what is lent now");
            next.release();
            giveBack.grow(mem, 20 * CHUNK_BYTES);
            ObjectFile again = hold(store, object("again", 10));
            assertEquals(mem, again.tier());
            again.release();
            giveBack.grow(mem, Long.MAX_VALUE / 2);
            assertEquals(100L * CHUNK_BYTES, mem.quotaBytes(), "never above the setting");
        }
    }

    @Test
    void aDrainingTierServesWhatItHasAndTakesNothing() {
        try (TierStore store = open(spec("mem", 100))) {
            filled(store, object("here", 2)).release();
            store.tiers().get(0).drain(true);
            ObjectFile here = store.find(object("here", 2).id()).orElseThrow();
            assertTrue(here.tryHold() && here.ready(0));
            here.release();
            ObjectRef late = object("late", 1);
            assertTrue(store.holdOrCreate(late, late.id(), "ns").isEmpty());
            assertTrue(store.tiers().get(0).full(), "fills of files that are here ask this");
            store.tiers().get(0).drain(false);
            hold(store, late).release();
        }
    }

    @Test
    void othersReadAndLeaseWhileFilesAreFreedAndNothingTakesTheFreedPathsMeanwhile() throws Exception {
        CountDownLatch freeing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ExecutorService giver = Executors.newSingleThreadExecutor();
        try (TierStore store = open(spec("mem", 200), spec("next", 150))) {
            Tier mem = store.tiers().get(0);
            ObjectFile going = filled(store, object("going", 8));
            going.release();
            ObjectFile staying = filled(store, object("staying", 2));
            GiveBack giveBack = new GiveBack(store, task -> {
                freeing.countDown();
                await(goOn);
                task.run();
            });
            Future<GiveBack.Given> given = giver.submit(() -> giveBack.give(mem, 1));
            assertTrue(freeing.await(10, TimeUnit.SECONDS));
            // Would wait for ever if the free held a lock that these need.
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
            staying.read(0, bytes);
            assertTrue(store.find(going.id()).isEmpty(), "not to be found any more");
            ObjectFile again = hold(store, object("going", 8));
            assertEquals(store.tiers().get(1), again.tier(), "its old paths are still in use");
            again.release();
            goOn.countDown();
            given.get(10, TimeUnit.SECONDS);
            assertTrue(Files.exists(again.tier().dataPath(again.id())));
            staying.release();
        } finally {
            goOn.countDown();
            giver.shutdownNow();
        }
    }

    @Test
    void readersNeverFailWhileBytesGoAndComeBack() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        ExecutorService threads = Executors.newFixedThreadPool(6);
        AtomicBoolean stop = new AtomicBoolean();
        try (TierStore store = open(spec("mem", 120), spec("next", 60))) {
            Tier mem = store.tiers().get(0);
            GiveBack giveBack = new GiveBack(store, threads);
            AtomicInteger reads = new AtomicInteger();
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Random random = new Random(seed + i);
                readers.add(threads.submit(() -> read(store, random, stop, reads)));
            }
            Random random = new Random(seed - 1);
            int files = 0;
            for (int round = 0; round < 300; round++) {
                int before = reads.get();
                WorkerRig.await("reads go on, seed " + seed, () -> reads.get() > before + 10 || failed(readers));
                GiveBack.Given given = giveBack.give(mem, 1 + random.nextInt(120) * (long) CHUNK_BYTES);
                files += given.files();
                assertTrue(
                        store.index().liveBytes(mem) <= mem.quotaBytes(),
                        "round " + round + " leaves more than is allowed, seed " + seed);
                giveBack.grow(mem, random.nextInt(240) * (long) CHUNK_BYTES);
            }
            stop.set(true);
            for (Future<?> reader : readers) {
                reader.get(30, TimeUnit.SECONDS);
            }
            store.evict(store.files().stream().map(ObjectFile::id).toList());
            for (Tier tier : store.tiers()) {
                assertEquals(0, tier.usedBytes(), "seed " + seed);
                assertEquals(0, tier.heldBytes(), "seed " + seed);
            }
            assertTrue(files > 50, files + " files given, " + reads + " reads, seed " + seed);
        } finally {
            stop.set(true);
            threads.shutdownNow();
            assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
        }
    }

    private static boolean failed(List<Future<?>> readers) {
        return readers.stream().anyMatch(Future::isDone);
    }

    /** Reads chunks of random objects, filled where they are new, with and without leases. */
    private static void read(TierStore store, Random random, AtomicBoolean stop, AtomicInteger reads) {
        while (!stop.get()) {
            int size = 1 + random.nextInt(12);
            ObjectRef object = object("o" + size, size);
            Optional<Lease> lease =
                    random.nextInt(4) == 0 ? store.leaseOrCreate(object, object.id(), "ns") : Optional.empty();
            Optional<ObjectFile> held = store.holdOrCreate(object, object.id(), "ns");
            if (held.isPresent()) {
                int chunk = random.nextInt(size);
                byte[] wanted = content(object, chunk);
                held.get().write(chunk, ByteBuffer.wrap(wanted), crc(wanted));
                ByteBuffer found = ByteBuffer.allocate(CHUNK_BYTES);
                held.get().read((long) chunk * CHUNK_BYTES, found);
                assertArrayEquals(wanted, found.array());
                held.get().release();
                reads.incrementAndGet();
            }
            lease.ifPresent(Lease::close);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private TierStore open(TierSpec... specs) {
        return TierStore.open(
                List.of(specs),
                new TierEnvironment(
                        new FileTierIo(), TierEvents.NONE, Runnable::run, Clock.systemUTC(), CHUNK_BYTES, 4, 1000),
                LruEvictionPolicy::new);
    }

    private TierSpec spec(String name, int chunks) {
        return new TierSpec(Medium.MEM, directory.resolve(name), (long) chunks * CHUNK_BYTES);
    }

    private static ObjectRef object(String key, int chunks) {
        return new ObjectRef("origin", key, new Validator.LastModified(1), (long) chunks * CHUNK_BYTES);
    }

    private static ObjectFile hold(TierStore store, ObjectRef object) {
        return store.holdOrCreate(object, object.id(), "ns").orElseThrow();
    }

    /** Held, with its first chunk. */
    private static ObjectFile filled(TierStore store, ObjectRef object) {
        ObjectFile file = hold(store, object);
        int chunks = object.key().equals("holes") ? 1 : file.layout().chunks();
        for (int chunk = 0; chunk < chunks; chunk++) {
            byte[] bytes = content(object, chunk);
            file.write(chunk, ByteBuffer.wrap(bytes), crc(bytes));
        }
        return file;
    }

    private static void fill(TierStore store, ObjectFile file) {
        assertTrue(store.hold(file));
        byte[] bytes = content(file.object(), 0);
        file.write(0, ByteBuffer.wrap(bytes), crc(bytes));
        file.release();
    }

    private static byte[] content(ObjectRef object, int chunk) {
        byte[] bytes = new byte[CHUNK_BYTES];
        new Random(object.key().hashCode() * 31L + chunk).nextBytes(bytes);
        return bytes;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }

    private static Set<ObjectId> ids(TierStore store) {
        return Set.copyOf(store.files().stream().map(ObjectFile::id).toList());
    }
}
