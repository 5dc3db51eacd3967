package io.hearth.client.intent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.TestObject;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FillQueueTest {
    private final AtomicLong now = new AtomicLong();

    private static ObjectRef object(int number, int sizeBytes) {
        ObjectRef some = TestObject.random("shard-" + number, 1).ref();
        return new ObjectRef(some.origin(), some.key(), some.validator(), sizeBytes);
    }

    private static Map<ObjectId, ObjectRef> map(List<ObjectRef> objects) {
        Map<ObjectId, ObjectRef> map = new LinkedHashMap<>();
        objects.forEach(object -> map.put(object.id(), object));
        return map;
    }

    @Test
    void shardsBeginInOrderAsWhatIsBeforeThemIsRead() {
        List<ObjectRef> shards = List.of(object(0, 60), object(1, 60), object(2, 10));
        FillQueue queue = new FillQueue(100, 10, now::get);
        assertEquals(60, queue.begin(shards.get(0).id(), 60));
        queue.follow(map(shards.subList(1, 3)));
        assertEquals(List.of(), queue.take(), "the second does not fit, and the third waits behind it");
        queue.read(shards.get(0).id(), 20);
        assertEquals(shards.subList(1, 2), queue.take());
        queue.read(shards.get(1).id(), 1000);
        assertEquals(shards.subList(2, 3), queue.take());
        assertEquals(50, queue.unreadBytes());
    }

    @Test
    void anObjectLargerThanTheBoundIsFilledUpToIt() {
        FillQueue queue = new FillQueue(100, 10, now::get);
        assertEquals(100, queue.begin(object(0, 1000).id(), 1000));
        assertEquals(0, queue.begin(object(0, 1000).id(), 1000), "said before");
        now.addAndGet(TimeUnit.MINUTES.toNanos(2));
        assertEquals(100, queue.begin(object(0, 1000).id(), 1000));
        assertEquals(100, queue.unreadBytes());
    }

    @Test
    void whatNobodyComesToReadIsGivenUp() {
        FillQueue queue = new FillQueue(100, 10, now::get);
        queue.begin(object(0, 90).id(), 90);
        queue.follow(map(List.of(object(1, 90), object(2, 90))));
        queue.closed(object(0, 90).id());
        assertEquals(0, queue.take().size());
        now.addAndGet(TimeUnit.SECONDS.toNanos(31));
        assertEquals(List.of(object(1, 90)), queue.take(), "the first was closed");
        now.addAndGet(TimeUnit.MINUTES.toNanos(11));
        assertEquals(List.of(), queue.take(), "the second was not read: nobody waits for the third");
        assertFalse(queue.waits());
    }

    /**
     * Whatever is opened, read and closed: the bound holds, no object is told of twice within a minute, all come in the
     * end.
     */
    @Test
    void randomPlansKeepTheBound() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        for (int plan = 0; plan < 200; plan++) {
            Random random = new Random(seed + plan);
            long bound = 1 + random.nextInt(500);
            FillQueue queue = new FillQueue(bound, 50, now::get);
            List<ObjectRef> objects = new ArrayList<>();
            for (int number = 0; number < 12; number++) {
                objects.add(object(number, 1 + random.nextInt(300)));
            }
            Map<ObjectId, Long> toldNs = new HashMap<>();
            Set<ObjectRef> begun = new HashSet<>();
            for (int step = 0; step < 300; step++) {
                ObjectRef one = objects.get(random.nextInt(objects.size()));
                long over = 0;
                switch (random.nextInt(6)) {
                    case 0 -> {
                        long bytes = queue.begin(one.id(), one.sizeBytes());
                        assertTrue(bytes <= Math.min(bound, one.sizeBytes()));
                        over = bytes; // A reader is there: it does not wait for others.
                        begun.add(one);
                        told(toldNs, one, bytes > 0, seed + plan);
                    }
                    case 1 -> queue.follow(map(objects));
                    case 2 -> {
                        List<ObjectRef> taken = queue.take();
                        for (ObjectRef each : taken) {
                            told(toldNs, each, true, seed + plan);
                        }
                        assertTrue(taken.isEmpty() || queue.unreadBytes() <= bound, "seed " + (seed + plan));
                    }
                    case 3 -> queue.read(one.id(), random.nextInt(100));
                    case 4 -> queue.closed(one.id());
                    default -> now.addAndGet(TimeUnit.SECONDS.toNanos(random.nextInt(40)));
                }
                long most =
                        bound + begun.stream().mapToLong(ObjectRef::sizeBytes).sum();
                assertTrue(queue.unreadBytes() >= 0 && queue.unreadBytes() <= most + over, "seed " + (seed + plan));
            }
            now.addAndGet(TimeUnit.HOURS.toNanos(1));
            for (int turn = 0; turn < 30 && queue.waits(); turn++) {
                queue.take();
                now.addAndGet(TimeUnit.HOURS.toNanos(1));
            }
            assertFalse(queue.waits(), "seed " + (seed + plan));
        }
    }

    private void told(Map<ObjectId, Long> toldNs, ObjectRef object, boolean now, long seed) {
        if (now) {
            Long before = toldNs.put(object.id(), this.now.get());
            assertTrue(
                    before == null || this.now.get() - before >= TimeUnit.SECONDS.toNanos(30), "twice, seed " + seed);
        }
    }
}
