package io.hearth.objectstore.s3.http;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;

/** One request and its answer, on one connection: it has that from its start to its end, and runs on its event loop. */
final class Exchange {
    private final HttpRequest request;
    private final SdkAsyncHttpResponseHandler handler;
    private final Consumer<Throwable> unanswered;
    private final CompletableFuture<Void> result;
    private final HttpConnection connection;
    private final AnswerBody body;
    private boolean answered;
    private boolean ended;

    /**
     * @param unanswered told of a failure before the answer began
     * @param result done when the subscriber has the last byte, failed when the answer broke
     */
    Exchange(
            HttpRequest request,
            SdkAsyncHttpResponseHandler handler,
            Consumer<Throwable> unanswered,
            CompletableFuture<Void> result,
            HttpConnection connection,
            EventLoop loop) {
        this.request = request;
        this.handler = handler;
        this.unanswered = unanswered;
        this.result = result;
        this.connection = connection;
        this.body = new AnswerBody(loop, this);
    }

    HttpRequest request() {
        return request;
    }

    void head(HttpResponse response) {
        answered = true;
        SdkHttpFullResponse.Builder head =
                SdkHttpResponse.builder().statusCode(response.status().code());
        head.statusText(response.status().reasonPhrase());
        response.headers().forEach(header -> head.appendHeader(header.getKey(), header.getValue()));
        try {
            handler.onHeaders(head.build());
            handler.onStream(body);
        } catch (RuntimeException | Error e) {
            refused(e);
        }
    }

    void content(HttpContent content) {
        body.add(content.content());
        if (content instanceof LastHttpContent) {
            body.end(Optional.empty());
        }
    }

    /** Whether the connection is to be read. */
    boolean hungry() {
        return !ended && (!answered || body.hungry());
    }

    void readMore() {
        connection.readMore();
    }

    /** Nobody could take the answer's head: not to be asked for again. */
    private void refused(Throwable why) {
        over();
        handler.onError(why);
        result.completeExceptionally(why);
    }

    /** The connection broke, or what came on it is no answer. */
    void fail(Throwable why) {
        if (ended) {
            return;
        }
        if (answered) {
            body.end(Optional.of(why));
        } else {
            over();
            unanswered.accept(why);
        }
    }

    /** Nobody waits any more: the answer is not read to its end. */
    void giveUp() {
        if (!ended) {
            over();
            body.abort(new CancellationException("the request was given up"));
        }
    }

    /** The subscriber has all. */
    void bodyEnded(Optional<Throwable> failure) {
        if (ended) {
            return;
        }
        if (failure.isPresent()) {
            over();
            result.completeExceptionally(failure.get());
        } else {
            ended = true;
            connection.finished(this);
            result.complete(null);
        }
    }

    void bodyCancelled() {
        if (!ended) {
            over();
            result.completeExceptionally(new IOException("the answer was not read to its end"));
        }
    }

    private void over() {
        ended = true;
        connection.close();
    }
}
