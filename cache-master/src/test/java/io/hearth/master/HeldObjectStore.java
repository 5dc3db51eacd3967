package io.hearth.master;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.Validator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A store whose listings can be made to hang, and are counted. */
final class HeldObjectStore implements ObjectStore {
    /** The page size by which a listing is told from a check. */
    private static final int LISTING_KEYS = 1000;

    final AtomicBoolean held = new AtomicBoolean();
    final AtomicInteger listings = new AtomicInteger();
    private final ObjectStore inner;

    HeldObjectStore(ObjectStore inner) {
        this.inner = inner;
    }

    ObjectStoreFactory factory() {
        return access -> this;
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax) {
        if (keysMax < LISTING_KEYS) {
            return inner.list(prefix, continuation, keysMax);
        }
        listings.incrementAndGet();
        return held.get() ? new CompletableFuture<>() : inner.list(prefix, continuation, keysMax);
    }

    @Override
    public CompletableFuture<ListedObject> head(String key) {
        return inner.head(key);
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator) {
        return inner.checksums(key, validator);
    }

    @Override
    public CompletableFuture<Void> get(RangeRequest range, RangeSink sink) {
        return inner.get(range, sink);
    }

    @Override
    public void close() {}
}
