package io.hearth.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.testing.StoppedClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every cluster store does. */
abstract class ClusterStoreContract {
    private static final Duration TTL = Duration.ofSeconds(10);

    abstract ClusterStore store();

    abstract StoppedClock clock();

    @Test
    void aMapGivesWhatWasPut() {
        TransactionalMap<String> map = store().map("plain", Codec.text());
        assertEquals(Optional.empty(), map.get("a"));
        assertTrue(map.putIfAbsent("a", "1"));
        assertFalse(map.putIfAbsent("a", "2"));
        assertEquals(Optional.of("1"), map.get("a"));
        map.put("a", "3");
        assertFalse(map.replace("a", "1", "4"));
        assertTrue(map.replace("a", "3", "4"));
        assertFalse(map.replace("absent", "3", "4"));
        assertTrue(map.remove("a"));
        assertFalse(map.remove("a"));
        assertEquals(Optional.empty(), map.get("a"));
    }

    @Test
    void mapsOfOneNameAreOneMap() {
        store().map("shared", Codec.text()).put("k", "v");
        assertEquals(Optional.of("v"), store().map("shared", Codec.text()).get("k"));
        assertEquals(Optional.empty(), store().map("other", Codec.text()).get("k"));
    }

    @Test
    void aVolatileMapTakesPartInTransactions() {
        TransactionalMap<String> inMemory = store().map("volatile", Codec.text(), ClusterStore.Durability.VOLATILE);
        TransactionalMap<String> durable = store().map("beside-volatile", Codec.text());
        assertThrows(
                HearthException.class,
                () -> store().transact(() -> {
                    inMemory.put("k", "v");
                    durable.put("k", "v");
                    throw new HearthException(FailureKind.CONFLICT, "undo");
                }));
        assertEquals(Optional.empty(), inMemory.get("k"));
        store().transact(() -> {
            inMemory.put("k", "v");
            durable.put("k", "v");
        });
        assertEquals(Optional.of("v"), inMemory.get("k"));
        assertEquals(Optional.of("v"), durable.get("k"));
    }

    @Test
    void entriesComeInKeyOrderAndPages() {
        TransactionalMap<String> map = store().map("ordered", Codec.text());
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            map.put(String.format("p/%04d", (i * 37) % 250), "v" + (i * 37) % 250);
            map.put("q/" + i, "other");
            wanted.add(String.format("p/%04d", i));
        }
        List<String> seen = new ArrayList<>();
        Optional<String> after = Optional.empty();
        while (true) {
            List<TransactionalMap.Entry<String>> page = map.entries("p/", after, 100);
            page.forEach(entry -> {
                seen.add(entry.key());
                assertEquals("v" + Integer.parseInt(entry.key().substring(2)), entry.value());
            });
            if (page.size() < 100) {
                break;
            }
            after = Optional.of(seen.get(seen.size() - 1));
        }
        assertEquals(wanted, seen);
        assertEquals(wanted.subList(100, 200), map.keys("p/", Optional.of("p/0099"), 100));
    }

    @Test
    void aTransactionHappensTogetherOrNotAtAll() {
        TransactionalMap<String> a = store().map("tx-a", Codec.text());
        TransactionalMap<String> b = store().map("tx-b", Codec.text());
        DurableQueue<String> queue = store().queue("tx-q", Codec.text(), 10);
        HearthException undone = assertThrows(
                HearthException.class,
                () -> store().transact(() -> {
                    a.put("k", "1");
                    b.put("k", "1");
                    queue.offer("x");
                    throw new HearthException(FailureKind.CONFLICT, "undo");
                }));
        assertEquals(FailureKind.CONFLICT, undone.kind());
        assertEquals(Optional.empty(), a.get("k"));
        assertEquals(Optional.empty(), b.get("k"));
        assertEquals(0, queue.length());
        assertEquals("done", store().transaction(() -> {
            a.put("k", "2");
            store().transact(() -> b.put("k", a.get("k").orElseThrow()));
            return "done";
        }));
        assertEquals(Optional.of("2"), b.get("k"));
    }

    @Test
    void transactionsThatMeetCountEveryStep() throws Exception {
        TransactionalMap<String> map = store().map("counter", Codec.text());
        map.put("n", "0");
        inParallel(4, () -> {
            for (int i = 0; i < 50; i++) {
                store().transact(() ->
                        map.put("n", "" + (Integer.parseInt(map.get("n").orElseThrow()) + 1)));
            }
            return null;
        });
        assertEquals(Optional.of("200"), map.get("n"));
    }

    @Test
    void transactionsThatLockInOppositeOrderBothEnd() throws Exception {
        TransactionalMap<String> map = store().map("crossed", Codec.text());
        map.put("a", "0");
        map.put("b", "0");
        List<String[]> orders = List.of(new String[] {"a", "b"}, new String[] {"b", "a"});
        List<Callable<Object>> tasks = new ArrayList<>();
        for (String[] order : orders) {
            tasks.add(() -> {
                for (int i = 0; i < 10; i++) {
                    store().transact(() -> {
                        for (String key : order) {
                            map.put(key, "" + (Integer.parseInt(map.get(key).orElseThrow()) + 1));
                        }
                    });
                }
                return null;
            });
        }
        run(tasks);
        assertEquals(Optional.of("20"), map.get("a"));
        assertEquals(Optional.of("20"), map.get("b"));
    }

    @Test
    void valuesAndKeysHaveBounds() {
        TransactionalMap<byte[]> map = store().map("bounds", Codec.bytes());
        byte[] large = new byte[6 << 20];
        large[large.length - 1] = 7;
        map.put("large", large);
        assertArrayEquals(large, map.get("large").orElseThrow());
        assertInvalid(() -> map.put("larger", new byte[(6 << 20) + 1]));
        assertInvalid(() -> map.put("", new byte[1]));
        assertInvalid(() -> map.put("k".repeat(1025), new byte[1]));
        assertInvalid(() -> store().map("Not/AName", Codec.text()));
    }

    @Test
    void aQueueKeepsOrderAndItsBound() {
        DurableQueue<String> queue = store().queue("order", Codec.text(), 3);
        assertEquals(Optional.empty(), queue.poll("me", TTL));
        long first = queue.offer("a");
        assertTrue(queue.offer("b") > first);
        queue.offer("c");
        HearthException full = assertThrows(HearthException.class, () -> queue.offer("d"));
        assertEquals(FailureKind.OVERLOADED, full.kind());
        DurableQueue.Claim<String> a = queue.poll("me", TTL).orElseThrow();
        DurableQueue.Claim<String> b = queue.poll("you", TTL).orElseThrow();
        assertEquals("a", a.item());
        assertEquals("b", b.item());
        assertTrue(queue.acknowledge(b));
        assertFalse(queue.acknowledge(b));
        queue.offer("d");
        assertEquals("c", queue.poll("me", TTL).orElseThrow().item());
        assertEquals("d", queue.poll("me", TTL).orElseThrow().item());
        assertEquals(Optional.empty(), queue.poll("me", TTL));
        assertEquals(3, queue.length());
    }

    @Test
    void aClaimThatLapsesGoesToTheNextConsumer() {
        DurableQueue<String> queue = store().queue("lapse", Codec.text(), 10);
        queue.offer("a");
        DurableQueue.Claim<String> dead = queue.poll("dead", TTL).orElseThrow();
        clock().advance(TTL.minusMillis(1));
        assertTrue(queue.extend(dead, TTL));
        clock().advance(TTL.minusMillis(1));
        assertEquals(Optional.empty(), queue.poll("next", TTL));
        clock().advance(Duration.ofMillis(1));
        DurableQueue.Claim<String> taken = queue.poll("next", TTL).orElseThrow();
        assertEquals(2, taken.attempt());
        assertFalse(queue.acknowledge(dead));
        assertFalse(queue.extend(dead, TTL));
        assertTrue(queue.acknowledge(taken));
        assertEquals(0, queue.length());
    }

    @Test
    void claimsOfAnEarlierLifeAreGivenBack() {
        DurableQueue<String> queue = store().queue("release", Codec.text(), 10);
        queue.offer("a");
        queue.offer("b");
        queue.poll("me", TTL).orElseThrow();
        queue.poll("you", TTL).orElseThrow();
        assertEquals(1, queue.releaseClaims("me"));
        assertEquals("a", queue.poll("me", TTL).orElseThrow().item());
        assertEquals(Optional.empty(), queue.poll("me", TTL));
    }

    @Test
    void consumersThatRaceGetEachItemOnce() throws Exception {
        DurableQueue<String> queue = store().queue("race", Codec.text(), 100);
        for (int i = 0; i < 40; i++) {
            queue.offer("" + i);
        }
        List<List<String>> taken = inParallel(4, () -> {
            List<String> mine = new ArrayList<>();
            Optional<DurableQueue.Claim<String>> claim = queue.poll("consumer", TTL);
            while (claim.isPresent()) {
                assertTrue(queue.acknowledge(claim.get()));
                mine.add(claim.get().item());
                claim = queue.poll("consumer", TTL);
            }
            return mine;
        });
        List<String> all = taken.stream().flatMap(List::stream).toList();
        assertEquals(40, all.size());
        assertEquals(40, all.stream().distinct().count());
    }

    @Test
    void aLeaseIsHeldByOneUntilItEnds() {
        LeaseTable leases = store().leases("contract");
        LeaseTable.Lease mine = leases.acquire("job", "me", TTL).orElseThrow();
        assertEquals(Optional.empty(), leases.acquire("job", "you", TTL));
        assertTrue(leases.acquire("other-job", "you", TTL).isPresent());
        clock().advance(TTL.minusMillis(1));
        LeaseTable.Lease renewed = leases.renew(mine, TTL).orElseThrow();
        assertEquals(mine.token(), renewed.token());
        clock().advance(TTL.minusMillis(1));
        assertEquals(Optional.empty(), leases.acquire("job", "you", TTL));
        clock().advance(Duration.ofMillis(1));
        LeaseTable.Lease yours = leases.acquire("job", "you", TTL).orElseThrow();
        assertTrue(yours.token() > mine.token());
        assertEquals(Optional.empty(), leases.renew(renewed, TTL));
        leases.release(renewed);
        assertEquals(Optional.of("you"), leases.holder("job").map(LeaseTable.Lease::holder));
        leases.release(yours);
        assertEquals(Optional.empty(), leases.holder("job"));
        assertTrue(leases.acquire("job", "me", TTL).orElseThrow().token() > yours.token());
    }

    @Test
    void aHolderThatTakesItsLeaseAgainLosesTheOldToken() {
        LeaseTable leases = store().leases("again");
        LeaseTable.Lease first = leases.acquire("job", "me", TTL).orElseThrow();
        LeaseTable.Lease second = leases.acquire("job", "me", TTL).orElseThrow();
        assertTrue(second.token() > first.token());
        assertEquals(Optional.empty(), leases.renew(first, TTL));
    }

    private static void assertInvalid(Runnable call) {
        HearthException failure = assertThrows(HearthException.class, call::run);
        assertEquals(FailureKind.INVALID, failure.kind());
    }

    private static <T> List<T> inParallel(int threads, Callable<T> task) throws Exception {
        return run(java.util.Collections.nCopies(threads, task));
    }

    private static <T> List<T> run(List<Callable<T>> tasks) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : executor.invokeAll(tasks, 20, TimeUnit.SECONDS)) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }
}
