package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.LoadShare.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random shares while bits flip, objects are evicted, the origin fails and the worker restarts: what a share calls
 * verified has the right bytes on disk at that moment, no share gets stuck, and nothing stays held.
 */
class ShareModelTest {
    private static final int PLANS = 15;
    private static final int OBJECTS = 5;

    @TempDir
    Path home;

    private int verifiedItems;
    private int heldBack;

    @Test
    void whatAShareCallsVerifiedIsRightOnDisk() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        for (long plan = seed; plan < seed + PLANS; plan++) {
            try {
                run(new Random(plan), home.resolve(Long.toString(plan)));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("plan fails: run with -Dtest.jvm.flags=-Dhearth.test.seed=" + plan, e);
            }
        }
        System.out.println("seed " + seed + ": " + verifiedItems + " items verified, " + heldBack + " held back");
        assertTrue(verifiedItems > PLANS && heldBack > PLANS / 2, "the plans do too little: seed " + seed);
    }

    private void run(Random random, Path place) throws Exception {
        List<ObjectRef> objects = IntStream.range(0, OBJECTS)
                .mapToObj(i -> FakeOrigin.object("o" + i, 1 + random.nextInt(12 << 20)))
                .toList();
        int lives = 1 + random.nextInt(2);
        for (int life = 0; life < lives; life++) {
            try (ShareRig rig = new ShareRig(place, Map.of("worker.share-blocks", "3", "worker.share-reads", "2"))) {
                int shares = 1 + random.nextInt(3);
                for (int share = 0; share < shares; share++) {
                    one(rig, random, objects, "s" + share);
                }
                for (int share = 0; share < shares; share++) {
                    rig.delete("s" + share);
                }
                WorkerRig.await("nothing held", () -> rig.gauge("hearth.worker.tier.held") == 0);
            }
        }
    }

    private void one(ShareRig rig, Random random, List<ObjectRef> objects, String id) throws Exception {
        List<ObjectRef> chosen = new ArrayList<>(objects);
        chosen.removeIf(object -> random.nextInt(4) == 0);
        LoadShare.Item[] items =
                chosen.stream().map(object -> item(random, object)).toArray(LoadShare.Item[]::new);
        rig.rig.origin.failing.clear();
        if (random.nextInt(3) == 0) {
            FailureKind kind = random.nextBoolean() ? FailureKind.UNAVAILABLE : FailureKind.NOT_FOUND;
            rig.rig.origin.failing.put("o" + random.nextInt(OBJECTS), kind);
        }
        rig.put(id, ShareRig.order(items));
        Status reserved = rig.await(id, Stage.RESERVED);
        rig.fill(id);
        disturb(rig, random, objects);
        rig.await(id, Stage.FILLED);
        disturb(rig, random, objects);
        rig.verify(id);
        Status verified = rig.await(id, Stage.VERIFIED);
        assertEquals(reserved.totalBytes(), verified.totalBytes());
        TreeSet<Integer> whole = new TreeSet<>(ShareRig.positions(verified.verified()));
        for (int position = 0; position < items.length; position++) {
            if (whole.contains(position)) {
                check(rig, chosen.get(position), items[position]);
                verifiedItems++;
            } else {
                heldBack++;
            }
        }
        if (whole.size() == items.length) {
            assertEquals(verified.totalBytes(), verified.verifiedBytes());
            assertEquals(List.of(), verified.failures());
        }
        assertTrue(ShareRig.positions(verified.resident()).containsAll(whole));
    }

    private static LoadShare.Item item(Random random, ObjectRef object) {
        return random.nextInt(3) > 0 ? ShareRig.item(object) : ShareRig.item(object, wantedBlock(object));
    }

    private static int wantedBlock(ObjectRef object) {
        return Geometry.blocks(object.sizeBytes()) - 1;
    }

    /** Flips a bit of what is on disk, evicts an object, or lets things be. */
    private static void disturb(ShareRig rig, Random random, List<ObjectRef> objects) throws IOException {
        ObjectRef object = objects.get(random.nextInt(OBJECTS));
        switch (random.nextInt(4)) {
            case 0 -> rig.evict(object);
            case 1 -> {
                if (Files.exists(rig.data(object))) {
                    rig.flip(object, random.nextInt((int) object.sizeBytes()));
                }
            }
            default -> {}
        }
    }

    private static void check(ShareRig rig, ObjectRef object, LoadShare.Item item) throws IOException {
        byte[] bytes = Files.readAllBytes(rig.data(object));
        int from = item.blocks().isPresent() ? (int) Geometry.blockOffset(wantedBlock(object)) : 0;
        byte[] wanted = java.util.Arrays.copyOfRange(bytes, from, bytes.length);
        assertArrayEquals(FakeOrigin.expected(object, from, wanted.length), wanted, object.toString());
    }
}
