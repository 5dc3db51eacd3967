package io.hearth.client;

import io.hearth.protocol.FailureKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of the read path, all registered when made. Thread-safe. */
public final class ClientMetrics {
    private final Timer reads;
    private final Counter readBytes;
    private final Counter chunkHits;
    private final Counter chunkMisses;
    private final Counter workerBytes;
    private final Counter originBytes;
    private final Counter descriptorBytes;
    private final Counter descriptorsRefused;
    private final AtomicInteger descriptors = new AtomicInteger();
    private final Counter prefetches;
    private final Counter droppedReadAhead;
    private final Counter stalls;
    private final Counter checksumFailures;
    private final Counter ticketFailures;
    private final Map<FailureKind, Counter> fallbacks = new EnumMap<>(FailureKind.class);
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong memoryBytes = new AtomicLong();

    public ClientMetrics(MeterRegistry registry) {
        reads = Timer.builder("hearth.client.reads")
                .description("Reads of a mount, and how long each waited for its bytes")
                .register(registry);
        readBytes = counter(registry, "hearth.client.read.bytes", "Bytes given to readers", "bytes");
        chunkHits = counter(registry, "hearth.client.chunk.hits", "Chunks read that were there already", "chunks");
        chunkMisses =
                counter(registry, "hearth.client.chunk.misses", "Chunks read that had to be waited for", "chunks");
        workerBytes = bytesFrom(registry, "worker");
        originBytes = bytesFrom(registry, "origin");
        descriptorBytes = bytesFrom(registry, "descriptor");
        descriptorsRefused = counter(
                registry,
                "hearth.client.descriptors.refused",
                "Descriptors that this node's worker did not give; the bytes came over TCP or from the origin",
                "descriptors");
        Gauge.builder("hearth.client.descriptors", descriptors, AtomicInteger::get)
                .description("Files of this node's worker that are open")
                .baseUnit("descriptors")
                .register(registry);
        prefetches = counter(registry, "hearth.client.prefetches", "Hints sent to workers", "hints");
        droppedReadAhead = counter(
                registry, "hearth.client.readahead.dropped", "Chunks not read ahead for want of memory", "chunks");
        stalls = counter(
                registry, "hearth.client.stalls", "Worker connections left for giving no sign of life", "stalls");
        checksumFailures = counter(
                registry, "hearth.client.checksum.failures", "Chunks from workers with a wrong CRC32C", "chunks");
        ticketFailures =
                counter(registry, "hearth.client.ticket.failures", "Tickets that no master would renew", "tickets");
        for (FailureKind kind : FailureKind.values()) {
            if (kind != FailureKind.STALE) {
                fallbacks.put(
                        kind,
                        Counter.builder("hearth.client.fallbacks")
                                .description("Transfers that went on at the origin, by why the worker could not")
                                .baseUnit("transfers")
                                .tag("reason", kind.code())
                                .register(registry));
            }
        }
        Gauge.builder("hearth.client.worker.connections", connections, AtomicInteger::get)
                .description("Open data-plane connections")
                .baseUnit("connections")
                .register(registry);
        Gauge.builder("hearth.client.read.memory", memoryBytes, AtomicLong::get)
                .description("Memory taken for chunks being read and read ahead")
                .baseUnit("bytes")
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, String description, String unit) {
        return Counter.builder(name).description(description).baseUnit(unit).register(registry);
    }

    private static Counter bytesFrom(MeterRegistry registry, String source) {
        return Counter.builder("hearth.client.source.bytes")
                .description("Bytes received, by source")
                .baseUnit("bytes")
                .tag("source", source)
                .register(registry);
    }

    public void read(long nanos, int bytes) {
        reads.record(nanos, TimeUnit.NANOSECONDS);
        readBytes.increment(bytes);
    }

    public void chunkHit() {
        chunkHits.increment();
    }

    public void chunkMiss() {
        chunkMisses.increment();
    }

    public void fromWorker(long bytes) {
        workerBytes.increment(bytes);
    }

    public void fromOrigin(long bytes) {
        originBytes.increment(bytes);
    }

    /** Bytes read by descriptor from a file of this node's worker. */
    public void fromDescriptor(long bytes) {
        descriptorBytes.increment(bytes);
    }

    public void descriptorOpened() {
        descriptors.incrementAndGet();
    }

    public void descriptorClosed() {
        descriptors.decrementAndGet();
    }

    public void descriptorRefused() {
        descriptorsRefused.increment();
    }

    public void prefetch() {
        prefetches.increment();
    }

    public void readAheadDropped(int chunks) {
        droppedReadAhead.increment(chunks);
    }

    public void stall() {
        stalls.increment();
    }

    public void checksumFailure() {
        checksumFailures.increment();
    }

    public void ticketFailure() {
        ticketFailures.increment();
    }

    /** Counts a transfer that goes on elsewhere because of {@code reason}. */
    public void fallback(FailureKind reason) {
        Counter counter = fallbacks.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    public void connectionOpened() {
        connections.incrementAndGet();
    }

    public void connectionClosed() {
        connections.decrementAndGet();
    }

    public void memory(long bytes) {
        memoryBytes.addAndGet(bytes);
    }
}
