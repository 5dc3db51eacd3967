package io.hearth.objectstore;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What this process asks of object stores, in figures: its stores and its engine count here. All meters are registered
 * at once. Thread-safe.
 */
public final class OriginMetrics {
    /** Kinds of requests; the label {@code operation}. */
    public enum Operation {
        LIST,
        HEAD,
        GET;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The label {@code status}: singled-out statuses, their classes, and what has no status. */
    public static final List<String> STATUSES = List.of(
            "2xx",
            "3xx",
            "403",
            "404",
            "412",
            "429",
            "4xx",
            "503",
            "5xx",
            "bad-answer",
            "timeout",
            "cancelled",
            "none");

    private final Map<Operation, Map<String, Counter>> requests = new EnumMap<>(Operation.class);
    private final Map<Operation, Timer> firstByte = new EnumMap<>(Operation.class);
    private final Counter bytesRead;
    private final Counter retries;
    private final Counter hedges;
    private final Counter hedgeBytes;
    private final Counter abandoned;
    private final Counter wasted;
    private final Timer queueWait;
    private final Counter connectionsOpened;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger concurrency = new AtomicInteger();
    private final AtomicInteger ceiling = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger breakersOpen = new AtomicInteger();

    public OriginMetrics(MeterRegistry registry) {
        for (Operation operation : Operation.values()) {
            Map<String, Counter> byStatus = new HashMap<>();
            for (String status : STATUSES) {
                byStatus.put(
                        status,
                        Counter.builder("hearth.origin.requests")
                                .description("Requests to object stores, by operation and HTTP status")
                                .tag("operation", operation.label())
                                .tag("status", status)
                                .register(registry));
            }
            requests.put(operation, byStatus);
            firstByte.put(
                    operation,
                    Timer.builder("hearth.origin.first.byte")
                            .description("Time from a request to the first byte of its answer")
                            .tag("operation", operation.label())
                            .register(registry));
        }
        bytesRead = Counter.builder("hearth.origin.read")
                .description("Object bytes received from object stores, those of failed attempts included")
                .baseUnit("bytes")
                .register(registry);
        retries = Counter.builder("hearth.origin.retries")
                .description("Attempts to read a range after its first one")
                .register(registry);
        hedges = Counter.builder("hearth.origin.hedges")
                .description("Second requests for ranges whose first byte was late")
                .register(registry);
        hedgeBytes = Counter.builder("hearth.origin.hedge")
                .description("Most that those may have cost")
                .baseUnit("bytes")
                .register(registry);
        abandoned = Counter.builder("hearth.origin.abandoned")
                .description(
                        "Requests given up for a faster connection, far slower than their peers; resumed where they were")
                .register(registry);
        wasted = Counter.builder("hearth.origin.wasted")
                .description(
                        "Bytes received that nobody took, as another request had brought them or was to bring them")
                .baseUnit("bytes")
                .register(registry);
        queueWait = Timer.builder("hearth.origin.queue.wait")
                .description("Time of ranges between asking for a turn at their origin and getting it")
                .register(registry);
        connectionsOpened = Counter.builder("hearth.origin.connections.opened")
                .description("Connections made to object stores")
                .register(registry);
        gauge(registry, "connections", connections, "Connections to object stores that are open, in use or not");
        gauge(registry, "in.flight", inFlight, "Requests to object stores under way");
        gauge(registry, "concurrency", concurrency, "Ranges that may be read at once now, over all origins in use");
        gauge(
                registry,
                "ceiling",
                ceiling,
                "Ranges that origins bore at once before they asked to slow down, and the most that is tried where none has;"
                        + " over all origins in use");
        gauge(registry, "waiting", waiting, "Ranges that wait for their turn at their origin");
        gauge(
                registry,
                "breakers.open",
                breakersOpen,
                "Origins that failed too often in a row to be asked in the background");
    }

    private static void gauge(MeterRegistry registry, String name, AtomicInteger value, String description) {
        Gauge.builder("hearth.origin." + name, value, AtomicInteger::get)
                .description(description)
                .register(registry);
    }

    public void hedged(int bytes) {
        hedges.increment();
        hedgeBytes.increment(bytes);
    }

    public void abandoned() {
        abandoned.increment();
    }

    public void waited(long waitNs) {
        queueWait.record(Duration.ofNanos(waitNs));
    }

    public void waiting(int change) {
        waiting.addAndGet(change);
    }

    /** How much one origin's level and its ceiling changed. */
    public void level(int change, int ceilingChange) {
        concurrency.addAndGet(change);
        ceiling.addAndGet(ceilingChange);
    }

    /** Bytes that a store sent and no sink took. */
    public void wasted(long bytes) {
        wasted.increment(bytes);
    }

    public void connectionOpened() {
        connectionsOpened.increment();
        connections.incrementAndGet();
    }

    public void connectionClosed() {
        connections.decrementAndGet();
    }

    public void breaker(boolean opened) {
        breakersOpen.addAndGet(opened ? 1 : -1);
    }

    public void started() {
        inFlight.incrementAndGet();
    }

    public void answered(Operation operation, Duration latency) {
        firstByte.get(operation).record(latency);
    }

    public void received(int bytes) {
        bytesRead.increment(bytes);
    }

    public void retried() {
        retries.increment();
    }

    /** @param status one of the label's values */
    public void ended(Operation operation, String status) {
        inFlight.decrementAndGet();
        requests.get(operation).get(status).increment();
    }
}
