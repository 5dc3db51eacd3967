package io.hearth.client.http;

import io.hearth.client.http.CallFailure.Kind;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One call on its connection. Lives on the connection's event loop; ends once. */
final class Exchange {
    private final MasterCall call;
    private final Patience patience;
    private final AnswerParts parts;
    private final Consumer<Channel> giveBack;
    private final Consumer<Exchange> ended;
    private Optional<Channel> channel = Optional.empty();
    private Optional<ScheduledFuture<?>> timer = Optional.empty();
    private boolean keepAlive;
    private boolean interim;
    private boolean over;

    /**
     * @param giveBack takes the connection when the call is over; it is closed then if it is of no more use
     * @param ended hears once that the call is over
     */
    Exchange(
            MasterCall call,
            Patience patience,
            AnswerParts parts,
            Consumer<Channel> giveBack,
            Consumer<Exchange> ended) {
        this.call = call;
        this.patience = patience;
        this.parts = parts;
        this.giveBack = giveBack;
        this.ended = ended;
    }

    /** @param connection nobody else's until it is given back */
    void send(Channel connection, FullHttpRequest request) {
        if (over) {
            request.release();
            giveBack.accept(connection);
            return;
        }
        channel = Optional.of(connection);
        connection.pipeline().get(AnswerHandler.class).serve(this);
        startTimer(connection);
        connection.writeAndFlush(request).addListener(written -> {
            if (!written.isSuccess()) {
                fail(new CallFailure(Kind.BROKEN, written.cause()));
            }
        });
    }

    private void startTimer(Channel connection) {
        timer.ifPresent(before -> before.cancel(false));
        Kind late = patience == Patience.WHOLE ? Kind.LATE : Kind.SILENT;
        timer = Optional.of(connection
                .eventLoop()
                .schedule(() -> fail(new CallFailure(late)), call.timeout().toMillis(), TimeUnit.MILLISECONDS));
    }

    /** The next piece of the answer. */
    void heard(HttpObject piece) {
        if (over) {
            return;
        }
        if (piece.decoderResult().isFailure()) {
            fail(new CallFailure(Kind.BROKEN, piece.decoderResult().cause()));
            return;
        }
        if (patience == Patience.EACH_PIECE) {
            channel.ifPresent(this::startTimer);
        }
        try {
            take(piece);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void take(HttpObject piece) {
        if (piece instanceof HttpResponse head) {
            keepAlive = HttpUtil.isKeepAlive(head);
            interim = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (!interim) {
                CharSequence type = HttpUtil.getMimeType(head);
                parts.head(
                        head.status().code(),
                        type == null ? "" : type.toString().toLowerCase(Locale.ROOT));
            }
        }
        if (interim) {
            return; // The end of such a head is none of the answer.
        }
        if (piece instanceof HttpContent content && content.content().isReadable()) {
            parts.data(ByteBufUtil.getBytes(content.content()));
        }
        if (piece instanceof LastHttpContent && !over) {
            finish(keepAlive);
            parts.end();
        }
    }

    /** The call has failed, is given up, or lost its connection; later calls of this do nothing. */
    void fail(Throwable why) {
        if (!over) {
            finish(false);
            parts.broken(why);
        }
    }

    /** @param reusable whether the connection may be used again */
    private void finish(boolean reusable) {
        over = true;
        ended.accept(this);
        timer.ifPresent(running -> running.cancel(false));
        channel.ifPresent(connection -> {
            connection.pipeline().get(AnswerHandler.class).free();
            if (!reusable) {
                connection.close();
            }
            giveBack.accept(connection);
        });
    }
}
