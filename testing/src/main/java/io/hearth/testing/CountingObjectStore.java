package io.hearth.testing;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.Validator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/** Counts what another store is asked and gives. Thread-safe. */
public final class CountingObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final LongAdder lists = new LongAdder();
    private final LongAdder heads = new LongAdder();
    private final LongAdder gets = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    public CountingObjectStore(ObjectStore inner) {
        this.inner = inner;
    }

    public long lists() {
        return lists.sum();
    }

    public long heads() {
        return heads.sum();
    }

    public long gets() {
        return gets.sum();
    }

    /** Object bytes given to sinks. */
    public long bytes() {
        return bytes.sum();
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax) {
        lists.increment();
        return inner.list(prefix, continuation, keysMax);
    }

    @Override
    public CompletableFuture<ListedObject> head(String key) {
        heads.increment();
        return inner.head(key);
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator) {
        heads.increment();
        return inner.checksums(key, validator);
    }

    @Override
    public CompletableFuture<Void> get(RangeRequest range, RangeSink sink) {
        gets.increment();
        return inner.get(range, piece -> {
            bytes.add(piece.remaining());
            return sink.accept(piece);
        });
    }

    @Override
    public void close() {
        inner.close();
    }
}
