package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.it.HearthRig.Daemon;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loads while the worker is killed, bits flip on its disk and the origin refuses. The oracle is the disk itself: in the
 * moment in which a load says that it is complete, every byte that it was asked for must stand in the tier, right. Four
 * runs; {@code -Dtest.jvm.flags="-Dhearth.loads.runs=50"} for more, {@code -Dhearth.test.seed=N} there to repeat them.
 */
class LoadChaosIT {
    private static final int FILES = 4;
    private static final int FILE_BYTES_MAX = 24 << 20;
    private static final int END_SECONDS_MAX = 90;

    /** After this a load whose last answer came from the dead worker has said what it had to say. */
    private static final int SETTLE_MS = 300;

    @TempDir
    Path directory;

    private HearthRig rig;
    private GatedOrigin origin;
    private Daemon worker;

    @AfterEach
    void stop() throws IOException {
        if (rig != null) {
            rig.close();
            origin.close();
        }
    }

    @Test
    void aLoadIsNeverCompleteBeforeItsBytesAre() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        int runs = Integer.getInteger("hearth.loads.runs", 4);
        rig = new HearthRig(directory);
        origin = GatedOrigin.before(rig.store.endpoint());
        rig.startMaster();
        worker = rig.startWorker();
        Map<LoadPhase, Integer> ends = new EnumMap<>(LoadPhase.class);
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < runs; run++) {
            long runSeed = random.nextLong();
            LoadStatus last = run("run" + run, new SplittableRandom(runSeed), "run " + run + " of seed " + seed);
            ends.merge(last.phase(), 1, Integer::sum);
        }
        System.out.println("loads under faults: " + ends + " in " + runs + " runs, seed " + seed);
        assertTrue(ends.getOrDefault(LoadPhase.COMPLETE, 0) > runs / 2, ends + ", seed " + seed);
    }

    private LoadStatus run(String dataset, SplittableRandom random, String what) throws Exception {
        Map<String, byte[]> contents = put(dataset, random);
        origin.refuse(random, 0);
        rig.hearth(
                        "dataset",
                        "create",
                        dataset,
                        "--origin",
                        "s3://" + HearthRig.BUCKET + "/" + dataset,
                        "--endpoint",
                        origin.endpoint().toString(),
                        "--credentials",
                        "env",
                        "--refresh",
                        "manual")
                .ok();
        Map<String, ObjectRef> objects = objects(dataset);
        if (random.nextBoolean()) {
            // Some of it is there already, and may be wrong: an earlier load, then flipped bits.
            assertEquals(LoadPhase.COMPLETE, awaitEnd(create(dataset), what).phase(), what);
            flip(objects, random);
        }
        origin.refuse(random, random.nextInt(40));
        boolean kills = random.nextInt(4) > 0;
        if (!kills) {
            origin.hold(dataset + "/f0");
        }
        LoadStatus load = create(dataset);
        if (kills) {
            pause(random.nextInt(600));
            worker.kill();
            pause(SETTLE_MS);
            if (random.nextBoolean() && !describe(load).phase().ended()) {
                flip(objects, random);
            }
            worker = rig.startWorker();
        } else {
            HearthRig.await(
                    what, () -> origin.held() > 0 || describe(load).phase().ended());
            if (!describe(load).phase().ended()) {
                flip(objects, random); // Before the read-back: one file is still on its way.
            }
            origin.release();
        }
        LoadStatus last = awaitEnd(load, what);
        if (last.phase() == LoadPhase.COMPLETE) {
            assertEquals(100.0, last.progress(), what);
            contents.forEach((path, bytes) -> assertOnDisk(objects.get(path), bytes, last, what));
        } else {
            assertTrue(last.progress() < 100 && last.message().isPresent(), what + ": " + last);
        }
        rig.hearth("evict", dataset).ok();
        return last;
    }

    private Map<String, byte[]> put(String dataset, SplittableRandom random) {
        Map<String, byte[]> contents = new TreeMap<>();
        for (int file = 0; file < FILES; file++) {
            byte[] bytes = new byte[random.nextInt(1, FILE_BYTES_MAX)];
            random.nextBytes(bytes);
            contents.put("/f" + file, bytes);
            rig.put(dataset + "/f" + file, bytes);
        }
        return contents;
    }

    private void assertOnDisk(ObjectRef object, byte[] bytes, LoadStatus load, String what) {
        try {
            byte[] found = Files.readAllBytes(data(object));
            int wrong = Arrays.mismatch(bytes, found);
            assertEquals(
                    -1,
                    wrong,
                    () -> what + ": " + object.key() + " is wrong in chunk " + Geometry.chunkOf(wrong)
                            + ", yet the load is complete: " + load);
        } catch (IOException e) {
            throw new AssertionError(
                    what + ": " + object.key() + " is not there, yet the load is complete: " + load, e);
        }
    }

    /** Turns some bits of what is on the disk. */
    private void flip(Map<String, ObjectRef> objects, SplittableRandom random) throws IOException {
        List<ObjectRef> all = new ArrayList<>(objects.values());
        for (int n = random.nextInt(1, 4); n > 0; n--) {
            ObjectRef object = all.get(random.nextInt(all.size()));
            Path file = data(object);
            if (!Files.exists(file)) {
                continue;
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                long at = random.nextLong(object.sizeBytes());
                ByteBuffer one = ByteBuffer.allocate(1);
                if (channel.read(one, at) == 1) {
                    one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
                    channel.write(one.rewind(), at);
                }
            }
        }
    }

    private Path data(ObjectRef object) {
        String hex = object.id().toString();
        return directory.resolve("tier/objects").resolve(hex.substring(0, 2)).resolve(hex + ".data");
    }

    private Map<String, ObjectRef> objects(String dataset) {
        String base = rig.masterUrl() + "/v1/namespaces/default/datasets/" + dataset;
        String id = Json.read(rig.get(base).body(), DatasetStatus.class)
                .generation()
                .orElseThrow();
        Generation generation = Json.read(rig.get(base + "/generations/" + id).body(), Generation.class);
        Map<String, ObjectRef> objects = new TreeMap<>();
        for (Generation.SegmentRef ref : generation.segments()) {
            byte[] segment = rig.getBytes(base + "/segments/" + ref.id());
            for (Entry entry : Segment.decode(segment).entries()) {
                objects.put("/" + entry.path(), generation.object(entry));
            }
        }
        return objects;
    }

    private LoadStatus create(String dataset) {
        return Json.read(
                rig.hearth("load", "create", dataset, "--retries", "10", "-o", "json")
                        .ok(),
                LoadStatus.class);
    }

    private LoadStatus describe(LoadStatus load) {
        return Json.read(
                rig.get(rig.masterUrl() + "/v1/namespaces/default/datasets/" + load.dataset() + "/loads/" + load.name())
                        .body(),
                LoadStatus.class);
    }

    private LoadStatus awaitEnd(LoadStatus load, String what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS_MAX);
        LoadStatus now = describe(load);
        while (!now.phase().ended()) {
            LoadStatus stuck = now;
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> what + ": not ended within " + END_SECONDS_MAX + " s: " + stuck);
            pause(2);
            now = describe(load);
        }
        return now;
    }

    /** Faults come at random moments: this is their clock, not a wait for something. */
    private static void pause(int ms) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ms));
    }
}
