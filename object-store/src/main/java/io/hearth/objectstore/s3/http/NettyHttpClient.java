package io.hearth.objectstore.s3.http;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.net.SocketTransport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;

/**
 * An HTTP/1.1 client of the SDK's for what has no body: GET and HEAD. Thread-safe; event loops of its own, which end
 * with it.
 *
 * <p>Bodies are lent without a copy, as {@link AnswerBody} says. Cancelling a request, or its subscription, closes its
 * connection. Only connecting, and waiting for a connection, are bounded in time here: who asks bounds the answer.
 */
public final class NettyHttpClient implements SdkAsyncHttpClient {
    private static final long CLOSE_MS_MAX = 2_000;
    private static final int PAGE_BYTES = 8 << 10;
    /** Pieces of 4 MiB: a few reads of {@code origin.read-buffer} each. */
    private static final int PAGES_ORDER = 9;

    private final EventLoopGroup loops;
    private final ConnectionPool pool;

    /** @param blocking looks up names; the caller ends it */
    public NettyHttpClient(HttpLimits limits, OriginMetrics metrics, Executor blocking) {
        // Reads are large and few, and given back by any thread: no caches per thread.
        this(
                limits,
                metrics,
                blocking,
                new TrustedCertificates(),
                new PooledByteBufAllocator(true, 0, limits.loops(), PAGE_BYTES, PAGES_ORDER, 0, 0, false));
    }

    NettyHttpClient(
            HttpLimits limits,
            OriginMetrics metrics,
            Executor blocking,
            Supplier<SslContext> tls,
            ByteBufAllocator buffers) {
        SocketTransport transport = SocketTransport.best();
        this.loops = transport.loops(limits.loops(), "hearth-origin");
        Connector connector = new Connector(limits, transport, loops, blocking, tls, buffers);
        this.pool = new ConnectionPool(limits, connector, metrics, loops.next(), System::nanoTime);
    }

    @Override
    public String clientName() {
        return "Hearth";
    }

    @Override
    public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        if (request.requestContentPublisher().contentLength().orElse(0L) > 0) {
            request.responseHandler().onError(new IllegalArgumentException("this client sends no bodies"));
            result.completeExceptionally(new IllegalArgumentException("this client sends no bodies"));
            return result;
        }
        try {
            Endpoint endpoint = Endpoint.of(request.request());
            send(request, new Sent(endpoint, translate(request.request(), endpoint)), false, result);
        } catch (RuntimeException e) {
            fail(request, result, e);
        }
        return result;
    }

    /** A request as it goes out. */
    private record Sent(Endpoint endpoint, HttpRequest head) {}

    /** @param again whether it went out before, on a connection that its server had closed */
    private void send(AsyncExecuteRequest request, Sent sent, boolean again, CompletableFuture<Void> result) {
        CompletableFuture<HttpConnection> taking = pool.take(sent.endpoint(), again);
        result.whenComplete((nothing, failure) -> taking.cancel(false));
        taking.whenComplete((connection, thrown) -> {
            if (thrown != null) {
                fail(request, result, thrown instanceof CompletionException ? thrown.getCause() : thrown);
            } else {
                start(request, sent, again, result, connection);
            }
        });
    }

    private void start(
            AsyncExecuteRequest request,
            Sent sent,
            boolean again,
            CompletableFuture<Void> result,
            HttpConnection connection) {
        boolean used = connection.used();
        EventLoop loop = connection.channel().eventLoop();
        Exchange exchange = new Exchange(
                sent.head(),
                request.responseHandler(),
                failure -> {
                    if (used && !again && !result.isDone()) {
                        send(request, sent, true, result);
                    } else {
                        fail(request, result, failure);
                    }
                },
                result,
                connection,
                loop);
        try {
            loop.execute(() -> run(exchange, result, connection, loop));
        } catch (RejectedExecutionException e) {
            fail(request, result, new IOException("the HTTP client was closed", e));
        }
    }

    private void run(Exchange exchange, CompletableFuture<Void> result, HttpConnection connection, EventLoop loop) {
        if (result.isDone()) {
            pool.giveBack(connection);
            return;
        }
        connection.start(exchange);
        result.whenComplete((nothing, failure) -> {
            if (failure != null && loop.inEventLoop()) {
                exchange.giveUp();
            } else if (failure != null && !loop.isShutdown()) {
                loop.execute(exchange::giveUp);
            }
        });
    }

    private static void fail(AsyncExecuteRequest request, CompletableFuture<Void> result, Throwable failure) {
        if (!result.isDone()) {
            request.responseHandler().onError(failure);
            result.completeExceptionally(failure);
        }
    }

    private static HttpRequest translate(SdkHttpRequest from, Endpoint endpoint) {
        String path = from.encodedPath().isEmpty() ? "/" : from.encodedPath();
        Optional<String> query = from.encodedQueryParameters();
        HttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(from.method().name()),
                query.map(words -> path + "?" + words).orElse(path),
                Unpooled.EMPTY_BUFFER);
        from.forEachHeader((name, values) -> request.headers().add(name, values));
        if (!request.headers().contains(HttpHeaderNames.HOST)) {
            request.headers().set(HttpHeaderNames.HOST, endpoint.hostHeader());
        }
        return request;
    }

    /** Fails what is under way, within two seconds. */
    @Override
    public void close() {
        pool.close();
        loops.shutdownGracefully(0, CLOSE_MS_MAX, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_MS_MAX, TimeUnit.MILLISECONDS);
    }
}
