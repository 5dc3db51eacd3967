package io.hearth.worker.net;

import io.hearth.client.wire.DataFrame;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.wire.Features;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.Message.AwaitReady;
import io.hearth.protocol.wire.Message.Cancel;
import io.hearth.protocol.wire.Message.Failed;
import io.hearth.protocol.wire.Message.Hello;
import io.hearth.protocol.wire.Message.Ping;
import io.hearth.protocol.wire.Message.Pong;
import io.hearth.protocol.wire.Message.Prefetch;
import io.hearth.protocol.wire.Message.PrefetchBlocks;
import io.hearth.protocol.wire.Message.Read;
import io.hearth.protocol.wire.Message.Refused;
import io.hearth.protocol.wire.Message.Welcome;
import io.hearth.protocol.wire.MessageCodec;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of one conversation; see {@link Message} for its rules. Reads are answered in the order asked, as
 * far as they are ready, while the send queue has room; without room nothing is read from the client either.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /**
     * A prefetch takes a disk thread for a moment; a client that floods them loses the rest. Enough for a reader that
     * leaps over what has come meanwhile and hints a whole window at once: with 4, blocks were lost that nobody hints
     * again, and a cold read over 0.5 MB/s a connection reached 0.6 of its origin.
     */
    private static final int PREFETCHES_MAX = 64;

    private static final long FEATURES = Features.READY | Features.BLOCKS;
    private static final int HELLO_SECONDS_MAX = 10;

    private final DataPlane plane;
    private final LinkedHashMap<Long, Answer> readings = new LinkedHashMap<>();
    private ChannelHandlerContext ctx;
    private boolean counted;
    private boolean greeted;
    private boolean closing;
    private boolean unflushed;
    private int prefetches;
    private boolean limited;
    private boolean pumpLater;

    Connection(DataPlane plane) {
        this.plane = plane;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        limited = plane.sendLimit()
                .counts(context.channel().remoteAddress(), context.channel().localAddress());
        counted = true;
        if (plane.metrics().connectionOpened() > plane.limits().connectionsMax()) {
            refuse("the worker has " + plane.limits().connectionsMax()
                    + " connections already: try again, or raise worker.connections-max");
        }
        context.executor().schedule(this::closeUnlessGreeted, HELLO_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private void closeUnlessGreeted() {
        if (!greeted) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (counted) {
            counted = false;
            plane.metrics().connectionClosed();
        }
        List.copyOf(readings.values()).forEach(Answer::cancel);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        if (closing) {
            ReferenceCountUtil.release(frame);
        } else if (frame instanceof DataFrame data) {
            data.release();
            broken("a data frame, which only a server sends");
        } else if (!greeted) {
            greet((Message) frame);
        } else {
            take((Message) frame);
        }
    }

    private void greet(Message message) {
        if (!(message instanceof Hello hello)) {
            broken("no hello as the first frame");
            return;
        }
        int version = Math.min(hello.versionMax(), MessageCodec.VERSION_MAX);
        if (version < Math.max(hello.versionMin(), MessageCodec.VERSION_MIN)) {
            refuse("this worker speaks versions " + MessageCodec.VERSION_MIN + " to " + MessageCodec.VERSION_MAX
                    + " of the data plane, the client " + hello.versionMin() + " to " + hello.versionMax()
                    + ": run builds of one version");
            return;
        }
        if (!plane.token().admits(hello.token())) {
            refuse(
                    hello.token().isEmpty()
                            ? "this worker asks for the cluster's token, and none was shown: give this side the same"
                                    + " trust.token-file"
                            : "the token shown is not this cluster's: give both sides the same trust.token-file");
            return;
        }
        greeted = true;
        ctx.writeAndFlush(
                new Welcome(version, hello.features() & FEATURES, plane.workerId(), plane.incarnation()),
                ctx.voidPromise());
    }

    private void refuse(String reason) {
        closing = true;
        plane.metrics().connectionRefused();
        ctx.writeAndFlush(new Refused(MessageCodec.VERSION_MIN, MessageCodec.VERSION_MAX, reason))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private void take(Message message) {
        if (message instanceof Read read) {
            answer(read.requestId(), () -> new Reading(this, ctx, plane, read));
        } else if (message instanceof AwaitReady await) {
            answer(await.requestId(), () -> new GrantedReading(this, ctx, plane, await));
        } else if (message instanceof Prefetch prefetch) {
            BlockOrder order = BlockOrder.ofBytes(prefetch.offset(), prefetch.length());
            prefetch(prefetch.context(), prefetch.object(), order);
        } else if (message instanceof PrefetchBlocks prefetch) {
            prefetch(prefetch.context(), prefetch.object(), prefetch.blocks());
        } else if (message instanceof Cancel cancel) {
            Answer reading = readings.get(cancel.requestId());
            if (reading != null) {
                reading.cancel();
                pump();
            }
        } else if (message instanceof Ping ping) {
            ctx.writeAndFlush(new Pong(ping.nonce()), ctx.voidPromise());
        } else {
            broken("a " + message.getClass().getSimpleName() + ", which only a server sends");
        }
    }

    private void answer(long requestId, Supplier<Answer> answers) {
        if (readings.containsKey(requestId)) {
            broken("request id " + requestId + " a second time while it is in use");
        } else if (readings.size() >= plane.limits().requestsMax()) {
            plane.metrics().requestFailed(FailureKind.OVERLOADED);
            String reason = "at most " + plane.limits().requestsMax() + " reads at once on one connection";
            ctx.writeAndFlush(new Failed(requestId, FailureKind.OVERLOADED, reason), ctx.voidPromise());
        } else {
            Answer answer = answers.get();
            readings.put(requestId, answer);
            answer.start();
        }
    }

    private void prefetch(RequestContext context, ObjectRef object, BlockOrder order) {
        if (prefetches >= PREFETCHES_MAX) {
            plane.metrics().prefetchDropped();
            return;
        }
        prefetches++;
        plane.fills().prefetch(context, object, order).whenComplete((nothing, failure) -> onLoop(() -> prefetches--));
    }

    /** Gives every read its turn, then sends what they wrote. */
    void pump() {
        for (Answer reading : List.copyOf(readings.values())) {
            if (!takesMore()) {
                break;
            }
            reading.advance();
        }
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
    }

    /** Whether bytes may be sent now. If only the limit for other nodes forbids it, the pump runs again in time. */
    boolean takesMore() {
        if (!ctx.channel().isWritable()) {
            return false;
        }
        long waitNanos = limited ? plane.sendLimit().waitNanos() : 0;
        if (waitNanos > 0 && !pumpLater) {
            pumpLater = true;
            ctx.executor().schedule(this::pumpNow, waitNanos, TimeUnit.NANOSECONDS);
        }
        return waitNanos == 0;
    }

    private void pumpNow() {
        pumpLater = false;
        pump();
    }

    /** Something was written that waits for a flush at the end of the pump. */
    void wrote(int bytes) {
        unflushed = true;
        sent(bytes);
    }

    /** Counts bytes of the answer to a read. */
    void sent(int bytes) {
        if (limited) {
            plane.sendLimit().sent(bytes);
        }
    }

    void ended(long requestId) {
        readings.remove(requestId);
    }

    /** Runs the task on the event loop; false when that has ended. */
    boolean onLoop(Runnable task) {
        try {
            ctx.executor().execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean writable = context.channel().isWritable();
        context.channel().config().setAutoRead(writable);
        if (writable) {
            pump();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        boolean waitsForFills = !readings.isEmpty() && context.channel().isWritable();
        if (event instanceof IdleStateEvent && !waitsForFills) {
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof HearthException malformed) {
            broken(malformed.getMessage());
        } else if (cause instanceof java.io.IOException) {
            LOG.debug("connection from {} lost: {}", context.channel().remoteAddress(), cause.toString());
            context.close();
        } else {
            LOG.warn(
                    "connection from {} closed after an error of this worker",
                    context.channel().remoteAddress(),
                    cause);
            context.close();
        }
    }

    private void broken(String what) {
        if (!closing) {
            closing = true;
            plane.metrics().malformedFrame();
            LOG.warn("connection from {} closed: it sent {}", ctx.channel().remoteAddress(), what);
            ctx.close();
        }
    }
}
