package io.hearth.testing;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bucket in memory. A put replaces the version: the one before answers {@link FailureKind#STALE} from then on, also
 * in mid-range. Thread-safe. Closing does nothing, so that one bucket may be opened many times; see {@link #factory()}.
 */
public final class MemoryObjectStore implements ObjectStore {
    /** Bytes given to a sink at once: what a socket read gives. */
    private static final int PIECE_BYTES = 64 * 1024;

    private final Executor executor;
    private final NavigableMap<String, Version> objects = new ConcurrentSkipListMap<>(MemoryObjectStore::utf8Order);
    private final AtomicLong versions = new AtomicLong();

    public MemoryObjectStore() {
        this(ForkJoinPool.commonPool());
    }

    /** @param executor runs the transfers and the sinks */
    public MemoryObjectStore(Executor executor) {
        this.executor = executor;
    }

    /** Opens this bucket for any access. */
    public ObjectStoreFactory factory() {
        return access -> this;
    }

    /** Stores a new version under the key and returns what a listing now says of it. */
    public ListedObject put(String key, Content content) {
        long number = versions.incrementAndGet();
        // Each version is a second younger, so that a validator of time alone tells two apart.
        ListedObject listed = new ListedObject(
                key,
                content.sizeBytes(),
                1_700_000_000_000L + number * 1000,
                new Validator.StrongEtag("\"memory-" + number + "\""));
        objects.put(key, new Version(listed, content, List.of()));
        return listed;
    }

    public ListedObject put(String key, byte[] bytes) {
        return put(key, Content.of(bytes));
    }

    public void delete(String key) {
        objects.remove(key);
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax) {
        return CompletableFuture.supplyAsync(
                () -> {
                    List<ListedObject> page = new ArrayList<>();
                    String start = continuation.orElse(prefix);
                    for (Version version :
                            objects.tailMap(start, continuation.isEmpty()).values()) {
                        if (!version.listed().key().startsWith(prefix)) {
                            break;
                        }
                        if (page.size() == keysMax) {
                            return new ListPage(
                                    page, Optional.of(page.get(keysMax - 1).key()));
                        }
                        page.add(version.listed());
                    }
                    return new ListPage(page, Optional.empty());
                },
                executor);
    }

    @Override
    public CompletableFuture<ListedObject> head(String key) {
        return CompletableFuture.supplyAsync(
                () -> Optional.ofNullable(objects.get(key))
                        .map(Version::listed)
                        .orElseThrow(() -> new HearthException(FailureKind.NOT_FOUND, "there is no object " + key)),
                executor);
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator) {
        return CompletableFuture.supplyAsync(
                () -> {
                    Version version = objects.get(key);
                    if (version == null || !version.is(validator)) {
                        throw version == null
                                ? new HearthException(FailureKind.NOT_FOUND, "there is no object " + key)
                                : new HearthException(FailureKind.STALE, key + " was overwritten");
                    }
                    return version.checksums();
                },
                executor);
    }

    /** What the store says of the object's bytes from now on, right or wrong. */
    public void setChecksums(String key, List<ObjectChecksum> checksums) {
        objects.computeIfPresent(key, (same, version) -> new Version(version.listed(), version.content(), checksums));
    }

    @Override
    public CompletableFuture<Void> get(RangeRequest range, RangeSink sink) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        executor.execute(() -> give(range, sink, range.offset(), result));
        return result;
    }

    @Override
    public void close() {}

    private void give(RangeRequest range, RangeSink sink, long from, CompletableFuture<Void> result) {
        long end = range.offset() + range.length();
        long offset = from;
        while (offset < end && !result.isDone()) {
            CompletionStage<Void> taken;
            int length = (int) Math.min(PIECE_BYTES, end - offset);
            try {
                taken = sink.accept(ByteBuffer.wrap(current(range).bytes(offset, length)));
            } catch (RuntimeException e) {
                taken = CompletableFuture.failedFuture(e);
            }
            offset += length;
            CompletableFuture<Void> stage = taken.toCompletableFuture();
            if (!stage.isDone() || stage.isCompletedExceptionally()) {
                long next = offset;
                stage.whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        result.completeExceptionally(HearthException.of(failure));
                    } else {
                        executor.execute(() -> give(range, sink, next, result));
                    }
                });
                return;
            }
        }
        result.complete(null);
    }

    private Content current(RangeRequest range) {
        Version version = objects.get(range.key());
        boolean same =
                version != null && version.listed().sizeBytes() == range.objectBytes() && version.is(range.validator());
        if (!same) {
            throw new HearthException(
                    FailureKind.STALE, range.key() + (version == null ? " was deleted" : " was overwritten"));
        }
        return version.content();
    }

    private static int utf8Order(String left, String right) {
        return Arrays.compareUnsigned(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
    }

    private record Version(ListedObject listed, Content content, List<ObjectChecksum> checksums) {
        boolean is(Validator validator) {
            return validator.equals(listed.validator())
                    || validator.equals(new Validator.LastModified(listed.modifiedMs()));
        }
    }
}
