package io.hearth.worker.integrity;

import io.hearth.client.PieceSinks;
import io.hearth.client.Source;
import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Claim;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The worker's source, which notes whose ticket opens an origin and refuses objects that are not to be trusted. */
final class GuardedOrigin implements Source {
    private final Source origin;
    private final OriginDatasets datasets;
    private final Distrusted distrusted;
    private final IntegrityMetrics metrics;

    GuardedOrigin(Source origin, OriginDatasets datasets, Distrusted distrusted, IntegrityMetrics metrics) {
        this.origin = origin;
        this.datasets = datasets;
        this.distrusted = distrusted;
        this.metrics = metrics;
    }

    @Override
    public String name() {
        return origin.name();
    }

    @Override
    public CompletableFuture<Void> fetch(
            RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        return guarded(context, object, () -> origin.fetch(context, object, offset, length, sink));
    }

    @Override
    public CompletableFuture<Void> fetchPieces(
            RequestContext context, ObjectRef object, long offset, int length, Claim claim, PieceSinks sinks) {
        return guarded(context, object, () -> origin.fetchPieces(context, object, offset, length, claim, sinks));
    }

    private CompletableFuture<Void> guarded(
            RequestContext context, ObjectRef object, Supplier<CompletableFuture<Void>> fetch) {
        if (!distrusted.none() && distrusted.refused(object.id())) {
            metrics.refused();
            return CompletableFuture.failedFuture(new HearthException(
                    FailureKind.CORRUPT,
                    object.key() + " is not cached: its bytes differed twice in a row from the checksum that its origin"
                            + " keeps; put it there again"));
        }
        datasets.note(context, object);
        return fetch.get();
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(RequestContext context, ObjectRef object) {
        return origin.checksums(context, object);
    }
}
