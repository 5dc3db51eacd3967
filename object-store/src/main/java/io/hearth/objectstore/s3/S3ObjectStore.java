package io.hearth.objectstore.s3;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginMetrics.Operation;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import io.hearth.protocol.settings.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket of S3 or a store that speaks its protocol. Opened by {@link S3ObjectStores}.
 *
 * <p>Validators are ETags: a listing gives no version ids, and both ways to an object must name the same version. A
 * weak ETag gives way to the time in whole seconds, which is what a HEAD says.
 */
final class S3ObjectStore implements ObjectStore {
    private static final String AFTER_KEY = "k:";
    private static final String TOKEN = "t:";

    private final OriginSpec origin;
    private final Supplier<CompletableFuture<S3AsyncClient>> opening;
    private final S3Failures failures;
    private final OriginSettings settings;
    private final OriginMetrics metrics;
    private final ScheduledExecutorService timer;
    private final Semaphore requests;
    private final Consumer<S3ObjectStore> onClose;
    private final Set<Call<?>> inFlight = ConcurrentHashMap.newKeySet();
    private CompletableFuture<S3AsyncClient> client;
    private volatile boolean closed;

    /** @param opening begins to make a client; asked once more by the first call after it failed */
    S3ObjectStore(
            OriginSpec origin,
            Supplier<CompletableFuture<S3AsyncClient>> opening,
            S3Failures failures,
            OriginSettings settings,
            OriginMetrics metrics,
            ScheduledExecutorService timer,
            Semaphore requests,
            Consumer<S3ObjectStore> onClose) {
        this.origin = origin;
        this.opening = opening;
        this.client = opening.get();
        this.failures = failures;
        this.settings = settings;
        this.metrics = metrics;
        this.timer = timer;
        this.requests = requests;
        this.onClose = onClose;
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax) {
        if (keysMax < 1 || keysMax > 1000) {
            throw new IllegalArgumentException("keysMax must be 1 to 1000: " + keysMax);
        }
        ListObjectsV2Request.Builder request = ListObjectsV2Request.builder()
                .bucket(origin.bucket())
                .prefix(prefix)
                .maxKeys(keysMax)
                // XML cannot carry every character that a key may have.
                .encodingType(EncodingType.URL);
        continuation.ifPresent(from -> {
            if (from.startsWith(AFTER_KEY)) {
                request.startAfter(from.substring(AFTER_KEY.length()));
            } else {
                request.continuationToken(from.substring(TOKEN.length()));
            }
        });
        return answer(Operation.LIST, prefix, s3 -> s3.listObjectsV2(request.build()), S3ObjectStore::page);
    }

    @Override
    public CompletableFuture<ListedObject> head(String key) {
        return answer(
                Operation.HEAD,
                key,
                s3 -> s3.headObject(request -> request.bucket(origin.bucket()).key(key)),
                response -> listed(key, response));
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator) {
        HeadObjectRequest.Builder request =
                HeadObjectRequest.builder().bucket(origin.bucket()).key(key).checksumMode(ChecksumMode.ENABLED);
        if (validator instanceof Validator.VersionId version) {
            request.versionId(version.value());
        } else if (validator instanceof Validator.StrongEtag etag) {
            request.ifMatch(etag.value());
        }
        return answer(Operation.HEAD, key, s3 -> s3.headObject(request.build()), response -> {
            requireSame(key, validator, response);
            return S3Checksums.of(response, origin);
        });
    }

    /** Some stores ignore {@code If-Match} in a HEAD. */
    private static void requireSame(String key, Validator validator, HeadObjectResponse response) {
        boolean same = validator instanceof Validator.VersionId
                || (validator instanceof Validator.LastModified modified
                        ? response.lastModified() != null
                                && response.lastModified().getEpochSecond() == Math.floorDiv(modified.epochMs(), 1000L)
                        : validator.equals(Validator.ofListing(response.eTag(), 0)));
        if (!same) {
            throw new HearthException(FailureKind.STALE, key + " was overwritten");
        }
    }

    @Override
    public CompletableFuture<Void> get(RangeRequest range, RangeSink sink) {
        if (range.length() < 1 || range.offset() < 0 || range.offset() + range.length() > range.objectBytes()) {
            throw new IllegalArgumentException("range outside its object: " + range);
        }
        Call<Void> call = new Call<>(Operation.GET, range.key(), settings.firstByteTimeout());
        RangeTransfer transfer =
                new RangeTransfer(range, sink, metrics, () -> call.begun(settings.attemptTimeout()), call::abandoned);
        return call.start(s3 -> s3.getObject(request(range), transfer));
    }

    /** Fails what is in flight; the connections belong to {@link S3ObjectStores}. */
    @Override
    public void close() {
        closed = true;
        inFlight.forEach(call -> call.fail(closedFailure()));
        current().thenAccept(S3AsyncClient::close);
        onClose.accept(this);
    }

    private synchronized CompletableFuture<S3AsyncClient> current() {
        return client;
    }

    /** The client, made anew if that failed: what the default chains ask may have been away for a moment. */
    private synchronized CompletableFuture<S3AsyncClient> client() {
        if (client.isCompletedExceptionally() && !closed) {
            client = opening.get();
        }
        return client;
    }

    private <T, R> CompletableFuture<R> answer(
            Operation operation,
            String key,
            Function<S3AsyncClient, CompletableFuture<T>> request,
            Function<T, R> translation) {
        CompletableFuture<T> call = new Call<T>(operation, key, settings.answerTimeout()).start(request);
        CompletableFuture<R> answer = call.thenApply(translation);
        // A dependent stage does not pass its cancelling on.
        answer.whenComplete((translated, failure) -> call.cancel(true));
        return answer;
    }

    private GetObjectRequest request(RangeRequest range) {
        GetObjectRequest.Builder request = GetObjectRequest.builder()
                .bucket(origin.bucket())
                .key(range.key())
                .range("bytes=" + range.offset() + "-" + (range.offset() + range.length() - 1));
        if (range.validator() instanceof Validator.VersionId version) {
            request.versionId(version.value());
        } else if (range.validator() instanceof Validator.StrongEtag etag) {
            request.ifMatch(etag.value());
        } else if (range.validator() instanceof Validator.LastModified modified) {
            // The header has whole seconds; stores that keep fractions would refuse the floor of their own time.
            request.ifUnmodifiedSince(Instant.ofEpochSecond(Math.floorDiv(modified.epochMs(), 1000L) + 1));
        }
        return request.build();
    }

    /**
     * The next page starts after the last key of this one. Not by the store's own token: S3Proxy 3.1 URL-encodes it
     * with the keys but does not decode it, and then gives the same page for ever.
     */
    private static ListPage page(ListObjectsV2Response response) {
        List<ListedObject> objects =
                response.contents().stream().map(S3ObjectStore::listed).toList();
        if (!Boolean.TRUE.equals(response.isTruncated())) {
            return new ListPage(objects, Optional.empty());
        }
        return objects.isEmpty()
                ? new ListPage(
                        objects,
                        Optional.ofNullable(response.nextContinuationToken()).map(TOKEN::concat))
                : new ListPage(
                        objects,
                        Optional.of(AFTER_KEY + objects.get(objects.size() - 1).key()));
    }

    private static ListedObject listed(S3Object object) {
        return listed(object.key(), object.size(), object.lastModified(), object.eTag());
    }

    private static ListedObject listed(String key, HeadObjectResponse response) {
        return listed(key, response.contentLength(), response.lastModified(), response.eTag());
    }

    private static ListedObject listed(String key, Long size, Instant modified, String etag) {
        long modifiedMs = modified == null ? 0 : modified.getEpochSecond() * 1000;
        return new ListedObject(key, size == null ? 0 : size, modifiedMs, Validator.ofListing(etag, modifiedMs));
    }

    private HearthException closedFailure() {
        return new HearthException(FailureKind.UNAVAILABLE, "the access to " + failures.store() + " was closed");
    }

    /** One request: bounded in time, counted, and failing in Hearth's words. */
    private final class Call<T> {
        private final Operation operation;
        private final String key;
        private final long startedNs = System.nanoTime();
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final AtomicBoolean accounted = new AtomicBoolean();
        private volatile Duration bound;
        private volatile ScheduledFuture<?> alarm;
        private volatile boolean begun;

        Call(Operation operation, String key, Duration bound) {
            this.operation = operation;
            this.key = key;
            this.bound = bound;
        }

        CompletableFuture<T> start(Function<S3AsyncClient, CompletableFuture<T>> request) {
            if (closed) {
                return CompletableFuture.failedFuture(closedFailure());
            }
            if (!requests.tryAcquire()) {
                return CompletableFuture.failedFuture(new HearthException(
                        FailureKind.OVERLOADED,
                        settings.requestsMax() + " requests to object stores are under way: ask less at once"));
            }
            metrics.started();
            alarm = alarmIn(bound);
            inFlight.add(this);
            if (closed) {
                fail(closedFailure());
            }
            CompletableFuture<CompletableFuture<T>> sent = client().thenApply(request);
            sent.thenCompose(Function.identity()).whenComplete((answer, failure) -> {
                if (failure == null) {
                    begunOnce();
                    account(null);
                    result.complete(answer);
                } else {
                    Throwable inner = failure instanceof CompletionException ? failure.getCause() : failure;
                    fail(failures.translate(operation, key, inner));
                }
            });
            result.whenComplete((answer, failure) -> {
                account(failure);
                if (failure != null) {
                    sent.thenAccept(inner -> inner.cancel(true));
                }
            });
            return result;
        }

        void fail(HearthException failure) {
            account(failure);
            result.completeExceptionally(failure);
        }

        /** Before the result is seen, so that whoever waited for it finds the counters right. */
        private void account(Throwable failure) {
            if (accounted.compareAndSet(false, true)) {
                alarm.cancel(false);
                inFlight.remove(this);
                requests.release();
                metrics.ended(operation, failure == null ? AnswerStatus.GOOD : AnswerStatus.of(failure));
            }
        }

        /** The first byte is here: from now on the other bound holds. */
        void begun(Duration next) {
            begunOnce();
            alarm.cancel(false);
            bound = next;
            alarm = alarmIn(next);
            if (result.isDone()) {
                alarm.cancel(false);
            }
        }

        boolean abandoned() {
            return result.isDone();
        }

        private void begunOnce() {
            if (!begun) {
                begun = true;
                metrics.answered(operation, Duration.ofNanos(System.nanoTime() - startedNs));
            }
        }

        private ScheduledFuture<?> alarmIn(Duration wait) {
            return timer.schedule(this::expire, wait.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void expire() {
            fail(new HearthException(
                    FailureKind.TIMEOUT,
                    failures.store() + " did not " + (begun ? "send all of " : "answer for ") + key + " within "
                            + Durations.format(bound)));
        }
    }
}
