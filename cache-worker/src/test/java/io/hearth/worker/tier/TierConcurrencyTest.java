package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many threads on few objects and little room: bytes stay right, and every account ends at nothing. */
class TierConcurrencyTest {
    private static final int CHUNK_BYTES = 512;
    private static final int OBJECTS = 10;
    private static final int THREADS = 6;
    private static final int STEPS = 4000;
    private static final long QUOTA_BYTES = 4 * 2 * 4096;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void threadsThatFillReadAndEvictNeverSeeAWrongByteNorLeaveAHold(EvictionChoice eviction) throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        ExecutorService closer = Executors.newSingleThreadExecutor();
        TierStore store = TierStore.open(
                List.of(new TierSpec(Medium.MEM, directory, QUOTA_BYTES)),
                new TierEnvironment(new FileTierIo(), TierEvents.NONE, closer, Clock.systemUTC(), CHUNK_BYTES, 2, 1000),
                () -> eviction.policy(3));
        try {
            List<Future<Long>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                long mine = seed + i;
                all.add(threads.submit(() -> work(store, new Random(mine))));
            }
            long read = 0;
            for (Future<Long> one : all) {
                read += one.get(60, TimeUnit.SECONDS);
            }
            assertTrue(read > STEPS / 4, read + " chunks read, seed " + seed);
            store.evict(store.files().stream().map(ObjectFile::id).toList());
        } finally {
            threads.shutdownNow();
            closer.shutdown();
            assertTrue(closer.awaitTermination(10, TimeUnit.SECONDS));
        }
        Tier tier = store.tiers().get(0);
        assertEquals(0, tier.usedBytes(), "seed " + seed);
        assertTrue(tier.roomPossible(QUOTA_BYTES), "something is still held, seed " + seed);
        assertEquals(0, openFiles(), "descriptors left open, seed " + seed);
        store.close();
    }

    private long work(TierStore store, Random random) {
        long read = 0;
        Optional<Lease> lease = Optional.empty();
        for (int step = 0; step < STEPS; step++) {
            ObjectRef object = object(random.nextInt(OBJECTS));
            if (random.nextInt(10) == 0) {
                lease.ifPresent(Lease::close);
                lease = random.nextBoolean()
                        ? store.leaseOrCreate(object, object.id(), "ns")
                        : store.lease(object.id());
            }
            lease.ifPresent(held -> readBack(store, held, random));
            if (random.nextInt(20) == 0) {
                store.evict(Set.of(object.id()));
                continue;
            }
            ObjectFile file = store.find(object.id())
                    .filter(ObjectFile::tryHold)
                    .or(() -> store.holdOrCreate(object, object.id(), "ns"))
                    .orElse(null);
            if (file == null) {
                continue;
            }
            int chunk = random.nextInt(file.layout().chunks());
            if (!file.verify(chunk, ByteBuffer.allocate(100))) {
                byte[] bytes = bytes(object, chunk, file.layout().length(chunk));
                file.write(chunk, ByteBuffer.wrap(bytes), crc(bytes));
            }
            file.retain();
            file.release();
            ByteBuffer target = ByteBuffer.allocate(file.layout().length(chunk));
            file.read(file.layout().offset(chunk), target);
            org.junit.jupiter.api.Assertions.assertArrayEquals(bytes(object, chunk, target.capacity()), target.array());
            file.release();
            read++;
        }
        lease.ifPresent(Lease::close);
        return read;
    }

    /** Nothing rots here: what is present reads back right, however many write and drop around it. */
    private static void readBack(TierStore store, Lease lease, Random random) {
        ObjectFile file = lease.file();
        int chunk = random.nextInt(file.layout().chunks());
        if (store.hold(file)) {
            assertTrue(!file.has(chunk) || lease.recheck(chunk, ByteBuffer.allocate(100)));
            file.release();
        }
    }

    private long openFiles() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        try (Stream<Path> links = Files.list(descriptors)) {
            return links.filter(link -> target(link).startsWith(directory + "/objects"))
                    .count();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static ObjectRef object(int number) {
        return new ObjectRef("origin", "key-" + number, new Validator.LastModified(1), 1200 + number);
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
