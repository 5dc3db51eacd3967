package io.hearth.worker;

import io.hearth.client.Source;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.util.concurrent.CompletableFuture;

/** One bucket, read with the retries of the product and without tickets. */
record StoreSource(ObjectStore store, RangeFetch ranges) implements Source {
    @Override
    public String name() {
        return "origin";
    }

    @Override
    public CompletableFuture<Void> fetch(
            RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        return ranges.fetch(
                store, new RangeRequest(object.key(), object.validator(), object.sizeBytes(), offset, length), sink);
    }
}
