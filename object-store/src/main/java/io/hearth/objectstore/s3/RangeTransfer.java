package io.hearth.objectstore.s3;

import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * One answer to a ranged GET on its way into a sink: its headers are checked before the first byte, its length after
 * the last, and the next buffer is asked for when the sink is done with the one before.
 */
final class RangeTransfer implements AsyncResponseTransformer<GetObjectResponse, Void>, Subscriber<ByteBuffer> {
    private final RangeRequest request;
    private final RangeSink sink;
    private final OriginMetrics metrics;
    private final Runnable onFirstByte;
    private final BooleanSupplier abandoned;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private Subscription subscription;
    private HearthException refusal;
    private long received;
    /** Guards the two below: the publisher may end while the sink still holds the last buffer. */
    private final Object ending = new Object();

    private boolean inSink;
    private Runnable end;

    /** @param abandoned whether nobody waits any more: the sink gets nothing further */
    RangeTransfer(
            RangeRequest request,
            RangeSink sink,
            OriginMetrics metrics,
            Runnable onFirstByte,
            BooleanSupplier abandoned) {
        this.request = request;
        this.sink = sink;
        this.metrics = metrics;
        this.onFirstByte = onFirstByte;
        this.abandoned = abandoned;
    }

    @Override
    public CompletableFuture<Void> prepare() {
        return done;
    }

    @Override
    public void onResponse(GetObjectResponse response) {
        refusal = check(response).orElse(null);
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
        publisher.subscribe(this);
    }

    @Override
    public void exceptionOccurred(Throwable failure) {
        end(() -> done.completeExceptionally(failure));
    }

    @Override
    public void onSubscribe(Subscription begun) {
        subscription = begun;
        if (refusal != null) {
            stop(refusal);
        } else {
            begun.request(1);
        }
    }

    @Override
    public void onNext(ByteBuffer bytes) {
        if (done.isDone() || abandoned.getAsBoolean()) {
            subscription.cancel();
            return;
        }
        int count = bytes.remaining();
        if (received == 0 && count > 0) {
            onFirstByte.run();
        }
        received += count;
        metrics.received(count);
        if (received > request.length()) {
            stop(new HearthException(
                    FailureKind.CORRUPT, request.key() + ": the store sent more bytes than the range has"));
            return;
        }
        synchronized (ending) {
            inSink = true;
        }
        CompletionStage<Void> taken;
        try {
            taken = sink.accept(bytes);
        } catch (RuntimeException | Error e) {
            taken = CompletableFuture.failedFuture(e);
        }
        taken.whenComplete((nothing, failure) -> {
            Runnable ended;
            synchronized (ending) {
                inSink = false;
                ended = end;
            }
            if (failure != null) {
                stop(HearthException.of(failure));
            } else if (ended != null) {
                subscription.cancel(); // Gives the buffer back: it is lent until then.
                ended.run();
            } else {
                subscription.request(1);
            }
        });
    }

    @Override
    public void onError(Throwable failure) {
        end(() -> done.completeExceptionally(failure));
    }

    @Override
    public void onComplete() {
        end(() -> {
            if (received == request.length()) {
                done.complete(null);
            } else {
                done.completeExceptionally(new HearthException(
                        FailureKind.UNAVAILABLE,
                        request.key() + ": the store closed after " + received + " of " + request.length() + " bytes"));
            }
        });
    }

    private void stop(HearthException failure) {
        done.completeExceptionally(failure);
        subscription.cancel();
    }

    private void end(Runnable action) {
        synchronized (ending) {
            if (inSink) {
                end = end == null ? action : end;
                return;
            }
        }
        action.run();
    }

    private Optional<HearthException> check(GetObjectResponse response) {
        int status = response.sdkHttpResponse().statusCode();
        long last = request.offset() + request.length() - 1;
        boolean whole = request.offset() == 0 && request.length() == request.objectBytes();
        String wanted = "bytes " + request.offset() + "-" + last + "/";
        String range = String.valueOf(response.contentRange());
        if (status == 206 && !range.startsWith(wanted)) {
            return corrupt("Content-Range '" + range + "' instead of '" + wanted + request.objectBytes() + "'");
        }
        if (status == 206 && !range.equals(wanted + request.objectBytes())) {
            return stale("has " + range.substring(wanted.length()) + " bytes instead of " + request.objectBytes());
        }
        if (status != 206 && !(status == 200 && whole)) {
            return corrupt("HTTP " + status + " instead of 206 (does it take range requests?)");
        }
        if (response.contentLength() != null && response.contentLength() != request.length()) {
            return status == 200
                    ? stale("has " + response.contentLength() + " bytes instead of " + request.objectBytes())
                    : corrupt("Content-Length " + response.contentLength() + " instead of " + request.length());
        }
        return checkVersion(response);
    }

    /** Some stores ignore conditions where they have no ETag of their own: what they sent must say so itself. */
    private Optional<HearthException> checkVersion(GetObjectResponse response) {
        if (request.validator() instanceof Validator.StrongEtag etag) {
            return etag.value().equals(response.eTag()) ? Optional.empty() : stale("now has ETag " + response.eTag());
        }
        if (request.validator() instanceof Validator.VersionId version) {
            return response.versionId() == null || version.value().equals(response.versionId())
                    ? Optional.empty()
                    : corrupt("version " + response.versionId() + " instead of " + version.value());
        }
        long expected = ((Validator.LastModified) request.validator()).epochMs();
        Instant modified = response.lastModified();
        return modified != null && modified.getEpochSecond() == Math.floorDiv(expected, 1000L)
                ? Optional.empty()
                : stale("was last changed at " + modified);
    }

    private Optional<HearthException> corrupt(String found) {
        return Optional.of(new HearthException(FailureKind.CORRUPT, request.key() + ": the store answered " + found));
    }

    private Optional<HearthException> stale(String found) {
        return Optional.of(
                new HearthException(FailureKind.STALE, request.key() + " was overwritten at the origin: it " + found));
    }
}
