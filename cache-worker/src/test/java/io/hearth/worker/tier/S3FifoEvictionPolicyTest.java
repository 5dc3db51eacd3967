package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class S3FifoEvictionPolicyTest {
    private static final long MIB = 1 << 20;
    private static final List<ObjectRef> FILES = IntStream.range(0, 10_000)
            .mapToObj(number -> new ObjectRef("o", Integer.toString(number), new Validator.LastModified(1), MIB))
            .toList();
    private static final Map<ObjectId, Integer> NUMBERS =
            FILES.stream().collect(Collectors.toMap(ObjectRef::id, file -> Integer.valueOf(file.key())));

    private final S3FifoEvictionPolicy policy = new S3FifoEvictionPolicy(1000);

    @Test
    void aScanPassesByWhatIsReadAgain() {
        fill(0, 100);
        for (int i = 0; i < 100; i++) {
            read(i);
        }
        evict(20);
        for (int i = 1000; i < 1500; i++) {
            add(file(i));
            evict(1);
        }
        assertEquals(
                72,
                evictAll().stream().filter(number -> number < 100).count(),
                "of the 80 there before the scan, all but the tenth that made way for the small queue");
    }

    @Test
    void onePassOfManyRequestsIsNoSecondUse() {
        fill(0, 100);
        evict(10);
        for (int i = 100; i < 130; i++) {
            add(file(i));
            for (long position = 0; position < 10; position++) {
                policy.used(file(i).id(), position * MIB);
            }
        }
        for (int i = 100; i < 120; i++) {
            assertEquals(i, evict(1).get(0), "read in one pass, so it leaves first in, first out");
        }
    }

    @Test
    void whoComesBackSoonEntersTheMainQueue() {
        fill(0, 100);
        evict(12);
        add(file(100));
        fill(101, 111);
        assertEquals(List.of(100), evict(1));
        long before = policy.smallBytes();
        add(file(100));
        assertEquals(before, policy.smallBytes());
        fill(111, 140);
        assertFalse(evict(30).contains(100));
    }

    @Test
    void whatWasDroppedByOrderIsNoGhost() {
        fill(0, 100);
        evict(12);
        add(file(100));
        policy.removed(file(100).id());
        assertEquals(0, policy.ghosts());
    }

    @Test
    void largeWeightsAreNotPushedOutByAScan() {
        for (int i = 0; i < 10; i++) {
            add(weights(i));
        }
        Set<ObjectId> left = new HashSet<>();
        for (int i = 0; i < 9_000; i++) {
            add(file(i));
            while (policy.bytes() > 5000 * MIB) {
                ObjectId victim = policy.victim(id -> true).orElseThrow();
                policy.removed(victim);
                left.add(victim);
            }
        }
        assertEquals(
                List.of(0, 1),
                IntStream.range(0, 10)
                        .filter(i -> left.contains(weights(i).id()))
                        .boxed()
                        .toList(),
                "the eldest, until the small queue had its tenth");
    }

    @Test
    void weightsLeaveByTheirLatestUse() {
        for (int i = 0; i < 4; i++) {
            add(weights(i));
        }
        policy.used(weights(0).id(), 0);
        policy.used(weights(1).id(), EvictionPolicy.WHOLE);
        assertEquals(Optional.of(weights(2).id()), policy.victim(id -> true));
        assertTrue(WeightFiles.isOne(new ObjectRef("o", "A/B.GGUF", new Validator.LastModified(1), 8 * MIB)));
        assertFalse(WeightFiles.isOne(new ObjectRef("o", "A/B.GGUF", new Validator.LastModified(1), 8 * MIB - 1)));
        assertFalse(WeightFiles.isOne(new ObjectRef("o", "a/bin", new Validator.LastModified(1), 8 * MIB)));
    }

    @Test
    void whatMayNotLeaveIsAskedForOnceUntilItIsReleased() {
        fill(0, 10_000);
        Set<ObjectId> leased = new HashSet<>();
        for (int i = 0; i < 9_000; i++) {
            leased.add(file(i).id());
        }
        AtomicLong asked = new AtomicLong();
        for (int i = 0; i < 1000; i++) {
            ObjectId victim = policy.victim(id -> {
                        asked.incrementAndGet();
                        return !leased.contains(id);
                    })
                    .orElseThrow();
            policy.removed(victim);
        }
        assertEquals(
                2 * 9_000 + 1000, asked.get(), "twice for each leased one, to miss no release; once for each victim");
        assertEquals(Optional.empty(), policy.victim(id -> true), "nobody was released");
        leased.remove(file(77).id());
        policy.released(file(77).id());
        assertEquals(Optional.of(file(77).id()), policy.victim(id -> !leased.contains(id)));
    }

    @Test
    void threadsThatAddUseHoldAndEvictLoseNoObject() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        int threads = 4;
        Set<ObjectId> held = ConcurrentHashMap.newKeySet();
        Set<ObjectId> present = ConcurrentHashMap.newKeySet();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                Random random = new Random(seed + thread);
                int own = thread;
                all.add(pool.submit(() -> {
                    for (int step = 0; step < 20_000; step++) {
                        // Each thread holds and adds objects of its own; all of them are used and evicted by all.
                        ObjectRef mine = file(own + threads * random.nextInt(50));
                        held.add(mine.id());
                        if (present.add(mine.id())) {
                            policy.added(mine, mine.id(), MIB);
                        }
                        policy.used(file(random.nextInt(50 * threads)).id(), 0);
                        held.remove(mine.id());
                        policy.released(mine.id());
                        if (present.size() > 100) {
                            synchronized (present) {
                                policy.victim(id -> !held.contains(id)).ifPresent(id -> {
                                    policy.removed(id);
                                    present.remove(id);
                                });
                            }
                        }
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get(60, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(present.size() * MIB, policy.bytes(), "seed " + seed);
        assertEquals(present.size(), evictAll().size(), "an object was set aside for good, seed " + seed);
    }

    private void fill(int from, int to) {
        for (int i = from; i < to; i++) {
            add(file(i));
        }
    }

    private void add(ObjectRef object) {
        policy.added(object, object.id(), object.sizeBytes());
        policy.used(object.id(), 0);
    }

    private void read(int number) {
        policy.used(file(number).id(), 0);
        policy.used(file(number).id(), MIB);
    }

    private List<Integer> evict(int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectId victim = policy.victim(id -> true).orElseThrow();
            policy.removed(victim);
            numbers.add(number(victim));
        }
        return numbers;
    }

    private List<Integer> evictAll() {
        List<Integer> numbers = new ArrayList<>();
        while (policy.bytes() > 0) {
            numbers.addAll(evict(1));
        }
        return numbers;
    }

    private static ObjectRef file(int number) {
        return FILES.get(number);
    }

    private static int number(ObjectId id) {
        return NUMBERS.get(id);
    }

    private static ObjectRef weights(int number) {
        return new ObjectRef("o", "model/" + number + ".safetensors", new Validator.LastModified(1), 500 * MIB);
    }
}
