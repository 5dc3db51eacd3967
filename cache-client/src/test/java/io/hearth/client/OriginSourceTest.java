package io.hearth.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import io.hearth.protocol.api.Ticket;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OriginSourceTest {
    private static final TestObject OBJECT = TestObject.random("k", 300_000);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ClientMetrics metrics = new ClientMetrics(registry);
    private final ClientSettings settings = ClientSettings.of(
            Map.of("client.ticket-margin", "10s", "client.ticket-retry", "5s", "client.open-stores", "2"));
    private final TestClock clock = new TestClock();
    private final TicketMaster master = new TicketMaster();
    private final List<KeyedStore> stores = new ArrayList<>();
    private final TicketBook tickets = new TicketBook(master, settings, clock, metrics);
    private final OriginSource source = new OriginSource(
            tickets,
            access -> {
                KeyedStore store = new KeyedStore(access);
                stores.add(store);
                return store;
            },
            new RangeFetch(OriginSettings.defaults(), new OriginMetrics(registry), new Random(1), timer),
            settings,
            metrics);

    @AfterEach
    void stop() {
        source.close();
        timer.shutdownNow();
        assertTrue(stores.stream().allMatch(store -> store.closed), "a store was left open");
    }

    @Test
    void oneTicketAndOneStoreServeManyFetches() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(OBJECT.range(i * 10L, 1000), fetch(i * 10, 1000));
        }
        assertEquals(1, master.asked);
        assertEquals(1, stores.size());
        assertEquals(
                5000,
                registry.get("hearth.client.source.bytes")
                        .tag("source", "origin")
                        .counter()
                        .count());
    }

    @Test
    void aTicketIsRenewedBeforeItsEndWithoutAWait() throws Exception {
        master.answers.add(() -> ticket("key-1", clock.millis() + 60_000));
        CompletableFuture<Ticket> slow = new CompletableFuture<>();
        fetch(0, 10);
        clock.advanceMs(51_000);
        master.pending = Optional.of(slow);
        assertArrayEquals(OBJECT.range(0, 10), fetch(0, 10)); // The master has not answered yet.
        assertEquals(2, master.asked);
        slow.complete(ticket("key-2", clock.millis() + 60_000));
        fetch(0, 10);
        assertEquals("key-2", stores.get(1).key);
        assertEquals(2, master.asked);
    }

    @Test
    void withoutAMasterTheOldTicketServes() throws Exception {
        master.answers.add(() -> ticket("key-1", clock.millis() + 60_000));
        fetch(0, 10);
        master.down = true;
        clock.advanceMs(3_600_000);
        for (int i = 0; i < 20; i++) {
            assertArrayEquals(OBJECT.range(0, 10), fetch(0, 10));
        }
        assertEquals(2, master.asked, "a master that is away is not asked for every read");
        assertEquals(1, registry.get("hearth.client.ticket.failures").counter().count());
    }

    @Test
    void aMasterThatRefusesARenewalIsNotAskedForEveryRead() throws Exception {
        master.answers.add(() -> ticket("key-1", clock.millis() + 60_000));
        fetch(0, 10);
        master.refuses = true;
        clock.advanceMs(51_000);
        for (int i = 0; i < 20; i++) {
            assertArrayEquals(OBJECT.range(0, 10), fetch(0, 10));
        }
        assertEquals(2, master.asked);
    }

    @Test
    void aDenialRenewsTheTicketOnceAndGoesOnAfterTheLastByte() throws Exception {
        master.answers.add(() -> ticket("key-1", clock.millis() + 3_600_000));
        master.answers.add(() -> ticket("key-2", clock.millis() + 3_600_000));
        fetch(0, 10);
        clock.advanceMs(6_000);
        stores.get(0).denyAfter = 500;
        assertArrayEquals(OBJECT.range(0, 1000), fetch(0, 1000));
        assertEquals(500, stores.get(1).given, "only what was missing");
        assertEquals(2, master.asked);
    }

    @Test
    void aDenialThatStandsIsTold() throws Exception {
        fetch(0, 10);
        clock.advanceMs(6_000);
        stores.get(0).denyAfter = 0;
        for (int i = 0; i < 5; i++) {
            assertEquals(FailureKind.DENIED, failure().kind());
        }
        assertEquals(2, master.asked, "one renewal for a storm of denials");
    }

    @Test
    void anOriginThatIsNotTheDatasetsIsDenied() {
        master.answers.add(() -> new Ticket(List.of(), clock.millis() + 60_000));
        HearthException failure = failure();
        assertEquals(FailureKind.DENIED, failure.kind());
        assertTrue(failure.getMessage().contains("default/models"), failure.getMessage());
        failure();
        assertEquals(1, master.asked);
    }

    @Test
    void withoutAnyTicketTheMastersFailureIsTold() {
        master.down = true;
        assertEquals(FailureKind.UNAVAILABLE, failure().kind());
    }

    @Test
    void storesBeyondTheBoundAreClosedOnlyWhenIdle() throws Exception {
        for (int i = 0; i < 5; i++) {
            String key = "key-" + i;
            master.answers.add(() -> ticket(key, clock.millis() + 60_000));
        }
        CompletableFuture<Void> gate = new CompletableFuture<>();
        CompletableFuture<Void> long1 = source.fetch(TestObject.CONTEXT, OBJECT.ref(), 0, 10, bytes -> gate);
        for (int i = 0; i < 4; i++) {
            clock.advanceMs(55_000);
            fetch(0, 10); // Renews in the background, with the old ticket ...
            fetch(0, 10); // ... and is served with the new one.
        }
        assertFalse(stores.get(0).closed, "it is in use");
        assertEquals(1, stores.stream().skip(1).filter(store -> !store.closed).count());
        gate.complete(null);
        long1.get(30, TimeUnit.SECONDS);
    }

    private byte[] fetch(long offset, int length) throws Exception {
        Collector collector = new Collector();
        source.fetch(TestObject.CONTEXT, OBJECT.ref(), offset, length, collector)
                .get(30, TimeUnit.SECONDS);
        return collector.bytes();
    }

    private HearthException failure() {
        return HearthException.of(assertThrows(ExecutionException.class, () -> fetch(0, 1000)));
    }

    private static Ticket ticket(String key, long expiresAtMs) {
        OriginSpec origin = OriginSpec.parse("s3://bucket/", Optional.empty(), Optional.empty(), true);
        Credentials keys = new Credentials.SigningKeys(key, Optional.empty(), "us-east-1", new TreeMap<>());
        return Ticket.of(Map.of(OBJECT.ref().origin(), new OriginAccess(origin, keys)), expiresAtMs);
    }

    /** Gives tickets, in order; the last one again and again. */
    private final class TicketMaster extends UnreachableMaster {
        private final List<Supplier<Ticket>> answers = new ArrayList<>();
        private Optional<CompletableFuture<Ticket>> pending = Optional.empty();
        private boolean down;
        private boolean refuses;
        private int asked;

        @Override
        public CompletableFuture<Ticket> ticket(io.hearth.protocol.DatasetName name) {
            asked++;
            if (down) {
                return CompletableFuture.failedFuture(new HearthException(FailureKind.UNAVAILABLE, "no master"));
            } else if (refuses) {
                return CompletableFuture.failedFuture(new HearthException(FailureKind.NOT_FOUND, "no such dataset"));
            } else if (pending.isPresent()) {
                return pending.get();
            } else if (answers.isEmpty()) {
                return CompletableFuture.completedFuture(ticket("key", clock.millis() + 3_600_000));
            }
            Supplier<Ticket> answer = answers.size() > 1 ? answers.remove(0) : answers.get(0);
            return CompletableFuture.completedFuture(answer.get());
        }

        private Ticket ticket(String key, long expiresAtMs) {
            return OriginSourceTest.ticket(key, expiresAtMs);
        }
    }

    /** A store that denies after so many bytes of a request, and knows with which key it was opened. */
    private static final class KeyedStore implements ObjectStore {
        private final String key;
        private int denyAfter = Integer.MAX_VALUE;
        private long given;
        private boolean closed;

        KeyedStore(OriginAccess access) {
            key = ((Credentials.SigningKeys) access.credentials()).accessKeyId();
        }

        @Override
        public CompletableFuture<Void> get(RangeRequest range, RangeSink sink) {
            int count = Math.min(denyAfter, range.length());
            CompletableFuture<Void> taken = CompletableFuture.completedFuture(null);
            if (count > 0) {
                given += count;
                taken = sink.accept(OBJECT.buffer(range.offset(), count)).toCompletableFuture();
            }
            return count == range.length()
                    ? taken.copy()
                    : CompletableFuture.failedFuture(new HearthException(FailureKind.DENIED, "expired"));
        }

        @Override
        public CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ListedObject> head(String key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
