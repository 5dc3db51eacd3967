package io.hearth.client;

import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Claim;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks one source first, and another for the bytes that the first could not give. Both give bytes of exactly the object
 * asked for, so that what is put together is one version's. Only {@link FailureKind#STALE} is final, as it speaks of
 * the object: a denial or an origin not found may come of the first source's own credentials, clock or settings, and a
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

    /**
     * The first source gives all in one piece; the second as it likes, if not a byte has come, else the rest in one.
     */
    @Override
    public CompletableFuture<Void> fetchPieces(
            RequestContext context, ObjectRef object, long offset, int length, Claim claim, PieceSinks sinks) {
        Cancellable whole = new Cancellable();
        Transfer transfer = new Transfer(offset, length, new LateSink(sinks, offset, length));
        CompletableFuture<Void> asked = ask(first, context, object, transfer);
        transfer.onFailure(asked, failure -> {
            if (failure.kind() == FailureKind.STALE) {
                transfer.fail(failure);
                return;
            }
            metrics.fallback(failure.kind());
            if (transfer.offset() > offset) {
                transfer.onFailure(ask(second, context, object, transfer), transfer::fail);
            } else {
                whole.follow(second.fetchPieces(context, object, offset, length, claim, sinks));
            }
        });
        whole.follow(transfer.result());
        return whole.result();
    }

    /** Opens the whole as one piece with its first byte: until then the other source may open its own. */
    private static final class LateSink implements RangeSink {
        private final PieceSinks sinks;
        private final long offset;
        private final int length;
        private Optional<RangeSink> opened = Optional.empty();

        LateSink(PieceSinks sinks, long offset, int length) {
            this.sinks = sinks;
            this.offset = offset;
            this.length = length;
        }

        @Override
        public CompletionStage<Void> accept(ByteBuffer bytes) {
            if (opened.isEmpty()) {
                opened = Optional.of(sinks.open(offset, length));
            }
            return opened.get().accept(bytes);
        }
    }

    private static CompletableFuture<Void> ask(
            Source source, RequestContext context, ObjectRef object, Transfer transfer) {
        return source.fetch(context, object, transfer.offset(), transfer.remaining(), transfer.counting(bytes -> {}));
    }
}
