package io.hearth.objectstore.s3.http;

import io.hearth.objectstore.net.SocketTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Opens connections: the addresses of a host are tried one after the other, from another one each time. Thread-safe;
 * names are looked up, and the certificates to trust are read, by threads that may block.
 */
final class Connector {
    private static final int HEAD_BYTES_MAX = 64 << 10;

    private final HttpLimits limits;
    private final Bootstrap bootstrap;
    private final Executor blocking;
    private final Supplier<SslContext> tls;
    private final AtomicInteger turns = new AtomicInteger();

    /**
     * @param blocking for looking up names
     * @param tls asked before each connection of TLS, by a thread that may block
     */
    Connector(
            HttpLimits limits,
            SocketTransport transport,
            EventLoopGroup loops,
            Executor blocking,
            Supplier<SslContext> tls,
            ByteBufAllocator buffers) {
        this.limits = limits;
        this.blocking = blocking;
        this.tls = tls;
        this.bootstrap = new Bootstrap()
                .group(loops)
                .channel(transport.sockets())
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.ALLOCATOR, buffers)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(limits.readBytes()).maxMessagesPerRead(1))
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        limits.connectTimeout().toMillis())
                .handler(new Nothing());
    }

    /** A connection, after the handshake where there is TLS; it fails with an {@link java.io.IOException}. */
    CompletableFuture<HttpConnection> connect(Endpoint endpoint, ConnectionPool pool) {
        CompletableFuture<HttpConnection> result = new CompletableFuture<>();
        try {
            CompletableFuture.supplyAsync(() -> resolve(endpoint), blocking)
                    .thenAccept(addresses -> connect(endpoint, pool, addresses, result))
                    .exceptionally(failure -> {
                        result.completeExceptionally(
                                failure instanceof CompletionException ? failure.getCause() : failure);
                        return null;
                    });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new NoConnectionException("too many names are being looked up"));
        }
        return result;
    }

    private List<InetSocketAddress> resolve(Endpoint endpoint) {
        if (endpoint.tls()) {
            tls.get();
        }
        try {
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (InetAddress address : InetAddress.getAllByName(endpoint.host())) {
                addresses.add(new InetSocketAddress(address, endpoint.port()));
            }
            // Only within the family that the system prefers: the other one may lead nowhere.
            Class<?> family = addresses.get(0).getAddress().getClass();
            int same = (int) addresses.stream()
                    .takeWhile(one -> one.getAddress().getClass() == family)
                    .count();
            Collections.rotate(addresses.subList(0, same), Math.floorMod(turns.getAndIncrement(), same));
            return addresses;
        } catch (UnknownHostException e) {
            throw new CompletionException(e);
        }
    }

    private void connect(
            Endpoint endpoint,
            ConnectionPool pool,
            List<InetSocketAddress> addresses,
            CompletableFuture<HttpConnection> result) {
        bootstrap.connect(addresses.get(0)).addListener((ChannelFutureListener) attempt -> {
            Channel channel = attempt.channel();
            if (attempt.isSuccess()) {
                begin(endpoint, pool, channel, result);
            } else if (addresses.size() > 1) {
                connect(endpoint, pool, addresses.subList(1, addresses.size()), result);
            } else {
                result.completeExceptionally(attempt.cause());
            }
        });
    }

    private void begin(
            Endpoint endpoint, ConnectionPool pool, Channel channel, CompletableFuture<HttpConnection> result) {
        HttpConnection connection = new HttpConnection(endpoint, channel, pool);
        HttpDecoderConfig config =
                new HttpDecoderConfig().setMaxHeaderSize(HEAD_BYTES_MAX).setMaxChunkSize(limits.readBytes());
        HttpClientCodec codec = new HttpClientCodec(config, false, false);
        if (!endpoint.tls()) {
            channel.pipeline().addLast(codec, connection);
            result.complete(connection);
            return;
        }
        SslHandler handshake = tls.get().newHandler(channel.alloc(), endpoint.host(), endpoint.port());
        handshake.setHandshakeTimeoutMillis(limits.connectTimeout().toMillis());
        channel.pipeline().addLast(handshake, codec, connection);
        handshake.handshakeFuture().addListener(shaken -> {
            if (shaken.isSuccess()) {
                result.complete(connection);
            } else {
                channel.close();
                result.completeExceptionally(shaken.cause());
            }
        });
        channel.read();
    }

    /** A pipeline is made when the connection is there. */
    private static final class Nothing extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {}
    }
}
