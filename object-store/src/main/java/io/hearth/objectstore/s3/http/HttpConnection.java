package io.hearth.objectstore.s3.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.Optional;

/**
 * A connection to one endpoint: one exchange at a time, and none while it is kept. It is read only when somebody wants
 * bytes; while it is kept, to learn of its end.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private final Endpoint endpoint;
    private final Channel channel;
    private final ConnectionPool pool;
    // Touched by the channel's loop alone.
    private Optional<Exchange> current = Optional.empty();
    private boolean informational;
    private boolean kept;
    private boolean lastCame;
    private boolean reading;
    /** Guarded by the pool. */
    private long idleSinceNs;

    private volatile boolean used;

    HttpConnection(Endpoint endpoint, Channel channel, ConnectionPool pool) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.pool = pool;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Channel channel() {
        return channel;
    }

    long idleSinceNs() {
        return idleSinceNs;
    }

    void idleSince(long nowNs) {
        idleSinceNs = nowNs;
    }

    void givenBack() {
        used = true;
    }

    /** Whether it has lain idle or answered before: the server may have closed it since, and what is sent then gets no answer. */
    boolean used() {
        return used;
    }

    /** Sends the request; on the loop. */
    void start(Exchange exchange) {
        if (!channel.isActive()) {
            exchange.fail(closed());
            return;
        }
        current = Optional.of(exchange);
        kept = false;
        lastCame = false;
        channel.writeAndFlush(exchange.request()).addListener(sent -> {
            if (!sent.isSuccess()) {
                exchange.fail(sent.cause());
            }
        });
        channel.read();
    }

    /** While a read is being taken apart more may be in it: {@link #channelReadComplete} sees what is wanted then. */
    void readMore() {
        if (!reading) {
            channel.read();
        }
    }

    /** The exchange has its answer to the end: the connection may serve another. */
    void finished(Exchange exchange) {
        current = Optional.empty();
        if (kept && lastCame && channel.isActive()) {
            pool.giveBack(this);
        } else {
            close();
        }
    }

    void close() {
        current = Optional.empty();
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        reading = true;
        boolean taken = false;
        try {
            taken = current.isPresent() && take(current.get(), (HttpObject) message);
        } finally {
            if (!taken) {
                ReferenceCountUtil.release(message);
            }
        }
        if (current.isEmpty() && !taken && !informational) {
            close(); // Bytes that nobody asked for, or the rest of an answer that was given up.
        }
    }

    /** @return whether the exchange owns the bytes now */
    private boolean take(Exchange exchange, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            exchange.fail(new IOException(
                    "no HTTP answer: " + message.decoderResult().cause().getMessage(),
                    message.decoderResult().cause()));
            return false;
        }
        if (message instanceof HttpResponse head) {
            informational = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (!informational) {
                kept = HttpUtil.isKeepAlive(head);
                exchange.head(head);
            }
            return false;
        }
        boolean last = message instanceof LastHttpContent;
        if (informational) {
            informational = !last;
            return false;
        }
        lastCame = last;
        exchange.content((HttpContent) message);
        return true;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        if (current.filter(Exchange::hungry).isPresent()) {
            context.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(closed());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause);
        channel.close();
    }

    private void fail(Throwable why) {
        Optional<Exchange> exchange = current;
        current = Optional.empty();
        exchange.ifPresent(one -> one.fail(why));
    }

    private static IOException closed() {
        return new IOException("the server closed the connection before the end of its answer");
    }
}
