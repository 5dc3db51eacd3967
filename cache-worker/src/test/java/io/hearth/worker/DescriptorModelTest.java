package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.tier.GiveBack;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Readers against everything that happens to files under their descriptors. The oracle is the origin's content, and the
 * origin always answers: so every read succeeds, with exactly those bytes, whatever the worker does.
 */
class DescriptorModelTest {
    private static final int PLANS = 4;
    private static final int STEPS = 60;
    private static final int READERS = 3;
    private static final int OBJECTS = 5;
    private static final int MIB = 1 << 20;

    @TempDir
    Path home;

    /** Nobody reads while a byte is wrong on the disk: what rots is seen until it is found. */
    private final ReentrantReadWriteLock rot = new ReentrantReadWriteLock();

    private final AtomicLong reads = new AtomicLong();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private double byDescriptor;
    private double elsewhere;
    private int restarts;
    private int condemned;

    @Test
    @Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyReadGivesTheObjectsBytesWhateverBecomesOfTheFile() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        try {
            for (int plan = 0; plan < PLANS; plan++) {
                run(seed + plan);
            }
        } finally {
            threads.shutdownNow();
        }
        System.out.printf(
                "seed %d: %.0f bytes by descriptor, %.0f elsewhere, %d restarts, %d condemned%n",
                seed, byDescriptor, elsewhere, restarts, condemned);
        assertTrue(byDescriptor > 0 && elsewhere > 0 && restarts > 0 && condemned > 0, "seed " + seed);
    }

    private void run(long seed) throws Exception {
        Random random = new Random(seed);
        Path place = Files.createDirectories(home.resolve("p" + seed));
        List<ObjectRef> objects = new ArrayList<>();
        for (int i = 0; i < OBJECTS; i++) {
            objects.add(FakeOrigin.object("m" + i, 1 + random.nextInt(9 * MIB)));
        }
        AtomicBoolean over = new AtomicBoolean();
        WorkerRig rig = rig(place);
        try (FakeOrigin origin = new FakeOrigin();
                DescriptorReader reader = new DescriptorReader(
                                place, origin, Map.of("client.descriptor-idle", "50ms", "client.descriptor-wait", "1s"))
                        .follow(rig.worker)) {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                long readerSeed = random.nextLong();
                readers.add(threads.submit(() -> readOn(reader, objects, new Random(readerSeed), over, seed)));
            }
            for (int step = 0; step < STEPS; step++) {
                rig = step(random, rig, place, objects.get(random.nextInt(OBJECTS)), reader);
                long enough = reads.get() + random.nextInt(20);
                WorkerRig.await("readers go on, seed " + seed, () -> reads.get() >= enough);
            }
            over.set(true);
            for (Future<?> each : readers) {
                each.get(60, TimeUnit.SECONDS);
            }
            byDescriptor += reader.bytesFrom("descriptor");
            elsewhere += reader.bytesFrom("worker") + reader.bytesFrom("origin");
            settled(rig, reader, seed);
        } finally {
            over.set(true);
            rig.close();
        }
    }

    private static WorkerRig rig(Path place) {
        String tiers = "MEM:" + place.resolve("mem") + ":24MiB,SSD:" + place.resolve("ssd") + ":24MiB";
        return new WorkerRig(place, Map.of("worker.tiers", tiers, "worker.free-space-floor", "0"));
    }

    /** Nothing is open, held or counted when all readers have closed. */
    private static void settled(WorkerRig rig, DescriptorReader reader, long seed) throws InterruptedException {
        TierStore store = rig.worker.store();
        WorkerRig.await(
                "nothing is held, seed " + seed,
                () -> store.files().stream().noneMatch(ObjectFile::held)
                        && store.tiers().stream().allMatch(tier -> tier.zombieBytes() == 0));
        assertEquals(0, reader.gauge("hearth.client.descriptors"), "seed " + seed);
        assertEquals(
                0, rig.registry.get("hearth.worker.descriptors.open").gauge().value(), "seed " + seed);
    }

    private void readOn(
            DescriptorReader reader, List<ObjectRef> objects, Random random, AtomicBoolean over, long seed) {
        while (!over.get()) {
            ObjectRef object = objects.get(random.nextInt(OBJECTS));
            try (OpenObject open = reader.open(object)) {
                long at = random.nextBoolean() ? 0 : random.nextInt((int) object.sizeBytes());
                for (int left = random.nextInt(40); left >= 0 && at < object.sizeBytes() && !over.get(); left--) {
                    int length = 1 + random.nextInt((int) Math.min(300_000, object.sizeBytes() - at));
                    rot.readLock().lock();
                    try {
                        DescriptorReader.read(open, object, at, length, "seed " + seed);
                        reads.incrementAndGet();
                    } finally {
                        rot.readLock().unlock();
                    }
                    at = random.nextInt(4) == 0 ? random.nextInt((int) object.sizeBytes()) : at + length;
                }
            }
        }
    }

    private WorkerRig step(Random random, WorkerRig rig, Path place, ObjectRef object, DescriptorReader reader)
            throws Exception {
        TierStore store = rig.worker.store();
        Tier tier = store.tiers().get(random.nextInt(2));
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> store.evict(Set.of(object.id()));
            case 3 -> new GiveBack(store, Runnable::run).give(tier, random.nextInt(24 * MIB));
            case 4, 5 -> new GiveBack(store, Runnable::run).grow(tier, 24L * MIB);
            case 6, 7 -> condemn(random, rig, place, object);
            case 8 -> {
                rig.close();
                restarts++;
                WorkerRig next = rig(place);
                reader.follow(next.worker);
                return next;
            }
            default -> {}
        }
        return rig;
    }

    /** A byte is wrong for as long as it takes to be found. */
    private void condemn(Random random, WorkerRig rig, Path place, ObjectRef object) throws IOException {
        Optional<ObjectFile> known = rig.worker.store().find(object.id()).filter(ObjectFile::tryHold);
        if (known.isEmpty()) {
            return;
        }
        ObjectFile file = known.get();
        rot.writeLock().lock();
        try {
            int[] chunks = file.chunks().toArray();
            Optional<Path> data = data(place, object);
            if (chunks.length == 0 || data.isEmpty()) {
                return;
            }
            int chunk = chunks[random.nextInt(chunks.length)];
            long at = (long) chunk * MIB + random.nextInt(file.layout().length(chunk));
            // By one channel: found bad, the file may be made anew, and gone from its path, before it is right again.
            try (FileChannel channel = FileChannel.open(data.get(), StandardOpenOption.WRITE)) {
                put(channel, at, (byte) (FakeOrigin.byteAt(object, at) ^ 2));
                file.recheck(chunk, ByteBuffer.allocate(1 << 16));
                put(channel, at, FakeOrigin.byteAt(object, at));
            } catch (NoSuchFileException e) {
                return; // It has just left.
            }
            condemned += file.condemned() ? 1 : 0;
            rig.worker.store().renew(file);
        } finally {
            rot.writeLock().unlock();
            file.release();
        }
    }

    private static void put(FileChannel data, long at, byte value) throws IOException {
        data.write(ByteBuffer.wrap(new byte[] {value}), at);
    }

    private static Optional<Path> data(Path place, ObjectRef object) throws IOException {
        for (String tier : List.of("mem", "ssd")) {
            try (Stream<Path> files = Files.walk(place.resolve(tier))) {
                Optional<Path> found = files.filter(
                                path -> path.getFileName().toString().equals(object.id() + ".data"))
                        .findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }
}
