package io.hearth.client;

import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.util.concurrent.CompletableFuture;

/**
 * Asks one source first, and another for the bytes that the first could not give. Both give bytes of exactly the object
 * asked for, so that what is put together is one version's. Only {@link FailureKind#STALE} is final, as it speaks of the
 * object: a denial or an origin not found may come of the first source's own credentials, clock or settings, and a
 * reader must not be worse off with it than without. Thread-safe.
 */
public final class FallbackSource implements Source {
    private final Source first;
    private final Source second;
    private final ClientMetrics metrics;

    public FallbackSource(Source first, Source second, ClientMetrics metrics) {
        this.first = first;
        this.second = second;
        this.metrics = metrics;
    }

    @Override
    public String name() {
        return first.name() + "-then-" + second.name();
    }

    @Override
    public CompletableFuture<Void> fetch(
            RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        Transfer transfer = new Transfer(offset, length, sink);
        transfer.onFailure(ask(first, context, object, transfer), failure -> {
            if (failure.kind() == FailureKind.STALE) {
                transfer.fail(failure);
                return;
            }
            metrics.fallback(failure.kind());
            transfer.onFailure(ask(second, context, object, transfer), transfer::fail);
        });
        return transfer.result();
    }

    private static CompletableFuture<Void> ask(
            Source source, RequestContext context, ObjectRef object, Transfer transfer) {
        return source.fetch(context, object, transfer.offset(), transfer.remaining(), transfer.counting(bytes -> {}));
    }
}
