package io.hearth.worker;

import io.hearth.client.Source;
import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.Validator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Serves bytes that can be computed, counts what it serves, and fails or waits on demand. */
public final class FakeOrigin implements Source, AutoCloseable {
    private static final int PIECE_BYTES = 100_000;

    public final AtomicLong bytes = new AtomicLong();
    public final AtomicInteger fetches = new AtomicInteger();
    public final AtomicInteger mostAtOnce = new AtomicInteger();
    public final List<Long> offsets = new CopyOnWriteArrayList<>();
    public volatile Optional<FailureKind> failure = Optional.empty();
    public volatile long failAfterBytes;
    /** Objects that fail by their key, whatever else holds. */
    public final Map<String, FailureKind> failing = new ConcurrentHashMap<>();
    /** Each piece takes a permit; plenty unless a test drains them. */
    public final Semaphore pieces = new Semaphore(Integer.MAX_VALUE / 2);

    /** What the origin says of whole objects, by key. */
    /** When questions about checksums are answered. */
    public volatile CompletableFuture<Void> answers = CompletableFuture.completedFuture(null);

    public final Map<String, List<ObjectChecksum>> checksums = new ConcurrentHashMap<>();

    public final AtomicInteger heads = new AtomicInteger();
    /** Keys whose bytes come wrong, here and there. */
    public final Set<String> wrong = ConcurrentHashMap.newKeySet();

    private final AtomicInteger running = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    public static ObjectRef object(String key, long sizeBytes) {
        return new ObjectRef("0123456789abcdef", key, new Validator.StrongEtag("\"" + key + "\""), sizeBytes);
    }

    /** The byte of the object at that offset; never 0, so that a hole shows. */
    public static byte byteAt(ObjectRef object, long offset) {
        long mixed = (object.key().hashCode() * 0x9E3779B97F4A7C15L + (offset >>> 3)) * 0xBF58476D1CE4E5B9L;
        return (byte) (1 | mixed >>> 8 * (offset & 7));
    }

    public static byte[] expected(ObjectRef object, long offset, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = byteAt(object, offset + i);
        }
        return bytes;
    }

    @Override
    public String name() {
        return "origin";
    }

    @Override
    public CompletableFuture<Void> fetch(
            RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        fetches.incrementAndGet();
        offsets.add(offset);
        CompletableFuture<Void> result = new CompletableFuture<>();
        threads.execute(() -> {
            mostAtOnce.accumulateAndGet(running.incrementAndGet(), Math::max);
            Optional<HearthException> failed = Optional.empty();
            try {
                send(object, offset, length, sink, result);
            } catch (Exception e) {
                failed = Optional.of(HearthException.of(e));
            }
            // Before the end is told: whoever hears of it starts the next one.
            running.decrementAndGet();
            failed.ifPresentOrElse(result::completeExceptionally, () -> result.complete(null));
        });
        return result;
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(RequestContext context, ObjectRef object) {
        heads.incrementAndGet();
        return answers.thenApply(nothing -> checksums.getOrDefault(object.key(), List.of()));
    }

    private void send(ObjectRef object, long offset, int length, RangeSink sink, CompletableFuture<Void> result)
            throws Exception {
        for (int sent = 0; sent < length; sent += PIECE_BYTES) {
            if (failing.containsKey(object.key())) {
                throw new HearthException(failing.get(object.key()), "the test's origin fails " + object.key());
            }
            if (failure.isPresent() && sent >= failAfterBytes) {
                throw new HearthException(failure.get(), "the test's origin fails");
            }
            pieces.acquire();
            if (result.isDone()) {
                return;
            }
            int piece = Math.min(PIECE_BYTES, length - sent);
            bytes.addAndGet(piece);
            byte[] sending = expected(object, offset + sent, piece);
            if (wrong.contains(object.key())) {
                sending[0]++;
            }
            sink.accept(ByteBuffer.wrap(sending)).toCompletableFuture().get();
        }
    }

    @Override
    public void close() {
        pieces.release(1 << 20);
        threads.shutdownNow();
    }
}
