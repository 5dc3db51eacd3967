package io.hearth.client;

import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Claim;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A source from memory, on threads of its own, that counts what it gives and fails when told to. */
public final class MemoryOrigin implements Source, AutoCloseable {
    /** A fetch as it was asked for. */
    public record Fetch(ObjectRef object, long offset, int length) {}

    private final Map<ObjectRef, TestObject> objects = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Fetch> fetches = new ConcurrentLinkedQueue<>();
    private final Queue<HearthException> failures = new ConcurrentLinkedQueue<>();
    private final Queue<HearthException> refusals = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
    private volatile CompletableFuture<Void> pause = CompletableFuture.completedFuture(null);
    private volatile int pauseAfterBytes = Integer.MAX_VALUE;
    private volatile int pieceBytes = 64 << 10;
    private volatile int splitBytes = 1 << 30;

    public MemoryOrigin(TestObject... objects) {
        List.of(objects).forEach(object -> this.objects.put(object.ref(), object));
    }

    public void add(TestObject object) {
        objects.put(object.ref(), object);
    }

    public List<Fetch> fetches() {
        return List.copyOf(fetches);
    }

    public long bytesGiven() {
        return bytes.get();
    }

    public void pieceBytes(int bytes) {
        pieceBytes = bytes;
    }

    /** The next fetch fails half way. */
    public void failNext(FailureKind kind) {
        failures.add(new HearthException(kind, "as the test wants it"));
    }

    /** The next fetch fails before its first byte. */
    public void refuseNext(FailureKind kind) {
        refusals.add(new HearthException(kind, "as the test wants it"));
    }

    /** Holds every fetch back until the gate is completed. */
    public CompletableFuture<Void> holdBack() {
        gate = new CompletableFuture<>();
        return gate;
    }

    /** Every fetch pauses once it has given so many bytes, until the result is completed. */
    public CompletableFuture<Void> pauseAfter(int bytes) {
        pauseAfterBytes = bytes;
        pause = new CompletableFuture<>();
        return pause;
    }

    @Override
    public String name() {
        return "origin";
    }

    @Override
    public CompletableFuture<Void> fetch(
            RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        fetches.add(new Fetch(object, offset, length));
        CompletableFuture<Void> result = new CompletableFuture<>();
        Optional<HearthException> refusal = Optional.ofNullable(refusals.poll());
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(refusal.get());
        }
        Optional<HearthException> failure = Optional.ofNullable(failures.poll());
        gate.thenRunAsync(() -> give(object, offset, length, sink, failure, result), threads);
        return result;
    }

    /** Gives what is asked for in pieces: in those of {@link #splitInto}, the last first. */
    @Override
    public CompletableFuture<Void> fetchPieces(
            RequestContext context, ObjectRef object, long offset, int length, Claim claim, PieceSinks sinks) {
        Deque<Supplier<CompletableFuture<Void>>> pieces = new ArrayDeque<>();
        for (int at = 0; at < length; at += splitBytes) {
            long from = offset + at;
            int count = Math.min(splitBytes, length - at);
            RangeSink sink = sinks.open(from, count);
            pieces.addFirst(() -> fetch(context, object, from, count, sink));
        }
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (Supplier<CompletableFuture<Void>> piece : pieces) {
            all = all.thenCompose(before -> piece.get());
        }
        return all;
    }

    /** How long the pieces are that it gives side by side. */
    public void splitInto(int bytes) {
        splitBytes = bytes;
    }

    private void give(
            ObjectRef object,
            long offset,
            int length,
            RangeSink sink,
            Optional<HearthException> failure,
            CompletableFuture<Void> result) {
        try {
            int end = failure.isPresent() ? length / 2 : length;
            for (int at = 0; at < end && !result.isDone(); ) {
                int count = Math.min(pieceBytes, end - at);
                if (at >= pauseAfterBytes) {
                    pause.join();
                }
                ByteBuffer piece = objects.get(object).buffer(offset + at, count);
                sink.accept(piece).toCompletableFuture().join();
                bytes.addAndGet(count);
                at += count;
            }
            failure.ifPresentOrElse(result::completeExceptionally, () -> result.complete(null));
        } catch (RuntimeException e) {
            result.completeExceptionally(HearthException.of(e));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
