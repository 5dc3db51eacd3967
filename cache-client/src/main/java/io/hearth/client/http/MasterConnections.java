package io.hearth.client.http;

import io.hearth.client.ClientSettings;
import io.hearth.client.http.CallFailure.Kind;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.trust.ClusterToken;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.pool.AbstractChannelPoolHandler;
import io.netty.channel.pool.ChannelHealthChecker;
import io.netty.channel.pool.FixedChannelPool;
import io.netty.channel.pool.FixedChannelPool.AcquireTimeoutAction;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Connections to one master, one call at a time on each (HTTP/1.1), kept a while for the next. Thread-safe; the loops
 * are the caller's.
 */
final class MasterConnections implements AutoCloseable {
    /** Below the 15 s after which Armeria's servers close: a call must not cross with that. */
    private static final int IDLE_SECONDS_MAX = 5;

    private static final int WAITING_MAX = 4096;

    private final String authority;
    private final String prefix;
    private final ClusterToken token;
    private final EventLoop loop;
    private final FixedChannelPool pool;
    // The rest belongs to the loop.
    private final Set<Exchange> running = new HashSet<>();
    private boolean closed;

    /** @param bootstrap has one event loop, its kind of channel and its resolver */
    MasterConnections(URI master, Bootstrap bootstrap, ClientSettings settings, ClusterToken token) {
        Optional<SslContext> tls = "https".equalsIgnoreCase(master.getScheme()) ? Optional.of(tls()) : Optional.empty();
        int port = master.getPort() >= 0 ? master.getPort() : tls.isPresent() ? 443 : 80;
        this.token = token;
        this.authority = master.getRawAuthority();
        String path = Optional.ofNullable(master.getRawPath()).orElse("");
        this.prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        String host = hostOf(master);
        this.loop = bootstrap.config().group().next();
        this.pool = new FixedChannelPool(
                bootstrap.clone().remoteAddress(address(host, port)),
                new Pipeline(tls, host, port),
                ChannelHealthChecker.ACTIVE,
                AcquireTimeoutAction.FAIL,
                settings.masterTimeout().toMillis(),
                settings.masterConnectionsMax(),
                WAITING_MAX);
    }

    /** Without the brackets of an IPv6 address. */
    static String hostOf(URI master) {
        String host = master.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Whether a host is an address, so that nobody need be asked for one. */
    static boolean isAddress(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    private static InetSocketAddress address(String host, int port) {
        return isAddress(host) ? new InetSocketAddress(host, port) : InetSocketAddress.createUnresolved(host, port);
    }

    private static SslContext tls() {
        try {
            return SslContextBuilder.forClient().build();
        } catch (SSLException e) {
            throw new HearthException(FailureKind.INTERNAL, "TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /**
     * Makes a call. What comes of it {@code parts} hears, on an event loop.
     *
     * @param accept the types of answer that are understood
     * @return gives the call up, from any thread: its parts hear so, and its connection is closed
     */
    Runnable call(MasterCall call, String accept, Patience patience, AnswerParts parts) {
        Exchange exchange = new Exchange(call, patience, parts, pool::release, running::remove);
        if (!onLoop(() -> begin(exchange, call, accept))) {
            exchange.fail(new CallFailure(Kind.NEVER_SENT));
        }
        return () -> onLoop(() -> exchange.fail(new CallFailure(Kind.BROKEN)));
    }

    private void begin(Exchange exchange, MasterCall call, String accept) {
        if (closed) {
            exchange.fail(new CallFailure(Kind.NEVER_SENT));
            return;
        }
        running.add(exchange);
        pool.acquire().addListener(acquired -> {
            if (!acquired.isSuccess()) {
                exchange.fail(new CallFailure(Kind.NEVER_SENT, acquired.cause()));
                return;
            }
            Channel connection = (Channel) acquired.getNow();
            try {
                exchange.send(connection, request(call, accept));
            } catch (RuntimeException e) {
                exchange.fail(new CallFailure(Kind.BROKEN, e)); // Netty would only log it.
            }
        });
    }

    private FullHttpRequest request(MasterCall call, String accept) {
        FullHttpRequest request = call.request(authority, prefix, accept);
        String shown = token.shown();
        if (!shown.isEmpty()) {
            request.headers().set(HttpHeaderNames.AUTHORIZATION, "Bearer " + shown);
        }
        return request;
    }

    /** False where the loop has ended, and every call with it. */
    private boolean onLoop(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** All calls fail: that the loop's end would break their connections in time is not to be relied on. */
    @Override
    public void close() {
        onLoop(() -> {
            closed = true;
            List.copyOf(running).forEach(call -> call.fail(new CallFailure(Kind.BROKEN)));
            pool.closeAsync();
        });
    }

    private static final class Pipeline extends AbstractChannelPoolHandler {
        private static final int LINE_BYTES_MAX = 8 << 10;
        private static final int HEAD_BYTES_MAX = 64 << 10;
        private static final int PIECE_BYTES_MAX = 64 << 10;

        private final Optional<SslContext> tls;
        private final String host;
        private final int port;

        Pipeline(Optional<SslContext> tls, String host, int port) {
            this.tls = tls;
            this.host = host;
            this.port = port;
        }

        @Override
        public void channelCreated(Channel channel) {
            tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc(), host, port)));
            channel.pipeline()
                    .addLast(
                            new HttpClientCodec(LINE_BYTES_MAX, HEAD_BYTES_MAX, PIECE_BYTES_MAX),
                            new IdleStateHandler(0, 0, IDLE_SECONDS_MAX, TimeUnit.SECONDS),
                            new AnswerHandler());
        }
    }
}
