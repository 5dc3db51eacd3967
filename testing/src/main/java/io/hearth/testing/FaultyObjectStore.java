package io.hearth.testing;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Lets another store's requests go wrong as planned. Thread-safe. */
public final class FaultyObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final FaultPlan plan;

    public FaultyObjectStore(ObjectStore inner, FaultPlan plan) {
        this.inner = inner;
        this.plan = plan;
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax) {
        return answer(plan.next(FaultPlan.Operation.LIST, prefix), () -> inner.list(prefix, continuation, keysMax));
    }

    @Override
    public CompletableFuture<ListedObject> head(String key) {
        return answer(plan.next(FaultPlan.Operation.HEAD, key), () -> inner.head(key));
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator) {
        return answer(plan.next(FaultPlan.Operation.HEAD, key), () -> inner.checksums(key, validator));
    }

    @Override
    public CompletableFuture<Void> get(RangeRequest range, RangeSink sink) {
        Fault fault = plan.next(FaultPlan.Operation.GET, range.key());
        if (fault instanceof Fault.CutAfter cut) {
            return head(range, sink, cut.bytes(), () -> CompletableFuture.failedFuture(broken(range, cut.bytes())));
        } else if (fault instanceof Fault.ShortRead shortRead) {
            return head(range, sink, shortRead.bytes(), () -> CompletableFuture.completedFuture(null));
        } else if (fault instanceof Fault.StallAfter stall) {
            return head(range, sink, stall.bytes(), CompletableFuture::new);
        } else if (fault instanceof Fault.Meanwhile meanwhile) {
            return head(range, sink, meanwhile.bytes(), () -> {
                meanwhile.event().run();
                int given = Math.min(meanwhile.bytes(), range.length());
                return given == range.length()
                        ? CompletableFuture.completedFuture(null)
                        : inner.get(part(range, given, range.length() - given), sink);
            });
        }
        return answer(fault, () -> inner.get(range, sink));
    }

    @Override
    public void close() {
        inner.close();
    }

    private static <T> CompletableFuture<T> answer(Fault fault, Supplier<CompletableFuture<T>> request) {
        if (fault instanceof Fault.Refuse refuse) {
            return CompletableFuture.failedFuture(new HearthException(refuse.kind(), "refused as planned"));
        }
        Duration delay = fault instanceof Fault.SlowFirstByte slow ? slow.delay() : Duration.ZERO;
        return delay.isZero()
                ? request.get()
                : CompletableFuture.supplyAsync(
                                request, CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS))
                        .thenCompose(Function.identity());
    }

    /** The first bytes, then something else; cancelling gives up whichever is under way. */
    private CompletableFuture<Void> head(
            RangeRequest range, RangeSink sink, int bytes, Supplier<CompletableFuture<Void>> then) {
        int length = Math.min(bytes, range.length());
        CompletableFuture<Void> first =
                length == 0 ? CompletableFuture.completedFuture(null) : inner.get(part(range, 0, length), sink);
        CompletableFuture<Void> whole = first.thenCompose(nothing -> then.get());
        whole.whenComplete((nothing, failure) -> first.cancel(true));
        return whole;
    }

    private static RangeRequest part(RangeRequest range, int from, int length) {
        return new RangeRequest(range.key(), range.validator(), range.objectBytes(), range.offset() + from, length);
    }

    private static HearthException broken(RangeRequest range, int bytes) {
        return new HearthException(
                FailureKind.UNAVAILABLE, range.key() + ": the connection broke after " + bytes + " bytes, as planned");
    }
}
