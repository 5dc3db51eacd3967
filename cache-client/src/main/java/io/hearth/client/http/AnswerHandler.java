package io.hearth.client.http;

import io.hearth.client.http.CallFailure.Kind;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.timeout.IdleStateEvent;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;

/** The end of a connection's pipeline: gives what comes to the call that has the connection. */
final class AnswerHandler extends SimpleChannelInboundHandler<HttpObject> {
    private Optional<Exchange> exchange = Optional.empty();

    void serve(Exchange next) {
        exchange = Optional.of(next);
    }

    /** No call has the connection any more. */
    void free() {
        exchange = Optional.empty();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject piece) {
        if (exchange.isPresent()) {
            exchange.get().heard(piece);
        } else {
            ctx.close(); // An answer that nobody asked for: whose the next one is could not be told.
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        exchange.ifPresent(call -> call.fail(new CallFailure(Kind.BROKEN, new ClosedChannelException())));
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        exchange.ifPresent(call -> call.fail(new CallFailure(Kind.BROKEN, cause)));
        ctx.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent && exchange.isEmpty()) {
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }
}
