package io.hearth.objectstore.s3.http;

import io.hearth.objectstore.s3.NoContent;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;

/** One request, and what comes of it. A buffer is copied when its turn comes, by whichever thread. */
final class Reading implements SdkAsyncHttpResponseHandler, Subscriber<ByteBuffer> {
    private final BiConsumer<Subscription, Runnable> pace;
    final CompletableFuture<SdkHttpResponse> head = new CompletableFuture<>();
    final CompletableFuture<Subscription> subscription = new CompletableFuture<>();
    /** Done with the end of the body, failed with its failure. */
    final CompletableFuture<Void> body = new CompletableFuture<>();

    final CompletableFuture<Throwable> error = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final boolean unlimited;
    CompletableFuture<Void> result;

    /** @param pace told of each buffer: it runs the copying, and asks for more, when it likes */
    Reading(BiConsumer<Subscription, Runnable> pace, boolean unlimited) {
        this.pace = pace;
        this.unlimited = unlimited;
    }

    /** Takes all as it comes. */
    static Reading eager() {
        return new Reading((subscription, copy) -> copy.run(), true);
    }

    /** Takes one buffer after the other. */
    static Reading stepwise() {
        return new Reading(
                (subscription, copy) -> {
                    copy.run();
                    subscription.request(1);
                },
                false);
    }

    Reading start(SdkAsyncHttpClient client, SdkHttpMethod method, String url) {
        SdkHttpRequest request = SdkHttpRequest.builder()
                .method(method)
                .uri(java.net.URI.create(url))
                .build();
        result = client.execute(AsyncExecuteRequest.builder()
                .request(request)
                .requestContentPublisher(new NoContent())
                .responseHandler(this)
                .build());
        return this;
    }

    synchronized byte[] bytes() {
        return bytes.toByteArray();
    }

    @Override
    public void onHeaders(SdkHttpResponse response) {
        head.complete(response);
    }

    @Override
    public void onStream(Publisher<ByteBuffer> stream) {
        stream.subscribe(this);
    }

    @Override
    public void onSubscribe(Subscription begun) {
        subscription.complete(begun);
        begun.request(unlimited ? Long.MAX_VALUE : 1);
    }

    @Override
    public void onNext(ByteBuffer buffer) {
        pace.accept(subscription.join(), () -> copy(buffer));
    }

    private synchronized void copy(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(copy);
        bytes.writeBytes(copy);
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
        error.complete(failure);
    }

    @Override
    public void onComplete() {
        body.complete(null);
    }
}
