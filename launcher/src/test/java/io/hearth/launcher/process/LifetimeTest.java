package io.hearth.launcher.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.HearthException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LifetimeTest {
    @Test
    void theLastStartedIsClosedFirstAndAFailureStopsNothing() throws Exception {
        List<String> closed = new ArrayList<>();
        Lifetime lifetime = new Lifetime(Duration.ofSeconds(5));
        lifetime.own(() -> closed.add("first"));
        lifetime.own(() -> {
            throw new IllegalStateException("expected by the test");
        });
        lifetime.own(() -> closed.add("last"));
        lifetime.close();
        lifetime.awaitEnd();
        assertEquals(List.of("last", "first"), closed);
        lifetime.own(() -> closed.add("late"));
        assertEquals("late", closed.get(2));
    }

    @Test
    void closingIsBounded() {
        CountDownLatch never = new CountDownLatch(1);
        Lifetime lifetime = new Lifetime(Duration.ofMillis(50));
        lifetime.own(never::await);
        long start = System.nanoTime();
        lifetime.close();
        long tookMs = (System.nanoTime() - start) / 1_000_000;
        never.countDown();
        assertTrue(tookMs >= 40 && tookMs < 20_000, tookMs + " ms");
    }

    @Test
    void closingWaitsForAStartUnderWayAndNoneBeginsAfterIt() throws Exception {
        List<String> events = Collections.synchronizedList(new ArrayList<>());
        Lifetime lifetime = new Lifetime(Duration.ofSeconds(30));
        lifetime.own(() -> events.add("directory removed"));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Thread starter = new Thread(() -> lifetime.<AutoCloseable, RuntimeException>start(() -> {
            begun.countDown();
            awaitQuietly(go);
            events.add("server started");
            return () -> events.add("server closed");
        }));
        starter.start();
        begun.await();
        Thread closer = new Thread(lifetime::close);
        closer.start();
        while (!lifetime.closing()) {
            Thread.onSpinWait();
        }
        assertThrows(HearthException.class, () -> lifetime.start(() -> () -> events.add("never")));
        go.countDown();
        closer.join();
        assertEquals(List.of("server started", "server closed", "directory removed"), events);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void countersAreSummedOverTheirLabels() {
        String text = "# HELP a_total x\na_total{s=\"1\"} 5.0\na_total{s=\"2\"} 1.5E3\na_total_b 9\n";
        assertEquals(1505, AdminClient.sum(text, "a_total"));
    }
}
