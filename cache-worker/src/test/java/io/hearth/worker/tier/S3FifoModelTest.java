package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random plans of additions, uses, holds, removals and victims, against the plain implementation. */
class S3FifoModelTest {
    private static final int PLANS = 1500;
    private static final int STEPS = 300;
    private static final int OBJECTS = 40;
    private static final int GHOSTS_MAX = 7;

    private long victims;
    private long ghosts;
    private long setAside;
    private long nobody;

    @Test
    void everyPlanNamesTheVictimsThatThePlainImplementationNames() {
        long first = Long.getLong("hearth.test.seed", System.nanoTime());
        for (long seed = first; seed < first + PLANS; seed++) {
            try {
                new Plan(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("plan fails: run with -Dtest.jvm.flags=-Dhearth.test.seed=" + seed, e);
            }
        }
        System.out.println("seed " + first + ": " + victims + " victims, " + ghosts + " steps with ghosts, " + setAside
                + " with objects set aside, " + nobody + " times nobody could leave");
        assertTrue(
                victims > 20L * PLANS && ghosts > 20L * PLANS && setAside > 20L * PLANS && nobody > PLANS / 10,
                "the plans do too little");
    }

    private final class Plan {
        private final Random random;
        private final S3FifoEvictionPolicy policy = new S3FifoEvictionPolicy(GHOSTS_MAX);
        private final PlainS3Fifo plain = new PlainS3Fifo(GHOSTS_MAX);
        private final List<ObjectRef> objects = new ArrayList<>();
        private final Map<ObjectId, Long> present = new HashMap<>();
        private final Set<ObjectId> held = new HashSet<>();

        Plan(long seed) {
            random = new Random(seed);
            for (int i = 0; i < OBJECTS; i++) {
                boolean weights = random.nextInt(5) == 0;
                long size = weights ? (8 + random.nextInt(100)) << 20 : 1 + random.nextInt(20 << 20);
                objects.add(
                        new ObjectRef("o", i + (weights ? ".safetensors" : ""), new Validator.LastModified(i), size));
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step();
                check();
            }
            Set.copyOf(held).forEach(this::release);
            while (!present.isEmpty()) {
                assertTrue(evict().isPresent(), "never evicted: " + present.keySet());
                check();
            }
            assertEquals(Optional.empty(), policy.victim(id -> true));
            assertEquals(0, policy.bytes());
        }

        private void step() {
            ObjectRef object = objects.get(random.nextInt(1 + random.nextInt(OBJECTS)));
            ObjectId id = object.id();
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> add(object, id);
                case 4, 5, 6, 7 -> use(id, random.nextInt(4) - 1);
                case 8 -> {
                    if (random.nextInt(20) == 0) {
                        held.addAll(present.keySet());
                    } else if (present.containsKey(id)) {
                        held.add(id);
                    }
                }
                case 9 -> {
                    if (random.nextInt(8) == 0) {
                        Set.copyOf(held).forEach(this::release);
                    }
                    release(id);
                }
                case 10 -> {
                    if (random.nextInt(4) == 0) {
                        remove(id);
                    }
                }
                default -> evict();
            }
        }

        private void add(ObjectRef object, ObjectId id) {
            long charge = Tier.chargeBytes(object.sizeBytes());
            if (present.put(id, charge) != null) {
                held.remove(id);
            }
            policy.added(object, id, charge);
            plain.added(object, id, charge);
            use(id, 0);
        }

        private void use(ObjectId id, long position) {
            policy.used(id, position);
            plain.used(id, position);
        }

        private void release(ObjectId id) {
            if (held.remove(id)) {
                policy.released(id);
                plain.released(id);
            }
        }

        private void remove(ObjectId id) {
            present.remove(id);
            held.remove(id);
            policy.removed(id);
            plain.removed(id);
        }

        private Optional<ObjectId> evict() {
            Optional<ObjectId> victim = policy.victim(id -> !held.contains(id));
            assertEquals(plain.victim(id -> !held.contains(id)), victim);
            assertEquals(held.containsAll(present.keySet()), victim.isEmpty());
            nobody += victim.isEmpty() && !present.isEmpty() ? 1 : 0;
            if (victim.isPresent()) {
                assertTrue(present.containsKey(victim.get()));
                assertFalse(held.contains(victim.get()));
                assertEquals(victim, policy.victim(id -> !held.contains(id)), "it stays until it is removed");
                remove(victim.get());
                victims++;
            }
            return victim;
        }

        private void check() {
            long bytes = present.values().stream().mapToLong(Long::longValue).sum();
            assertEquals(bytes, policy.bytes());
            assertEquals(plain.smallBytes(), policy.smallBytes());
            assertEquals(plain.ghostBytes(), policy.ghostBytes());
            assertEquals(plain.ghosts.size(), policy.ghosts());
            assertTrue(policy.ghosts() <= GHOSTS_MAX);
            ghosts += policy.ghosts() > 0 ? 1 : 0;
            setAside += plain.aside.isEmpty() ? 0 : 1;
        }
    }
}
