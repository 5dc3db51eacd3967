package io.hearth.client.worker;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.local.ReadyRanges.Listener;
import io.hearth.client.wire.DataFrame;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.wire.Features;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * One connection to a worker: the greeting, reads told apart by id, and signs of life. Last handler of its pipeline.
 *
 * <p>A worker that is slow because its origin is slow still answers a ping; one that is dead or paused does not. So a
 * silent connection that owes bytes is pinged, and left once it has been silent for the stall timeout; while pings are
 * answered, a read may wait for its next byte for the worker timeout.
 */
final class WorkerConnection extends ChannelInboundHandlerAdapter {
    private static final long FEATURES = Features.READY | Features.BLOCKS;

    private final WorkerAddress worker;
    private final String token;
    private final ClientSettings settings;
    private final ClientMetrics metrics;
    private final LifeSigns life;
    private final CompletableFuture<WorkerConnection> ready = new CompletableFuture<>();
    private final CompletableFuture<HearthException> closed = new CompletableFuture<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    // The rest belongs to the event loop.
    private final Map<Long, PendingRead> reads = new HashMap<>();
    private long lastId;
    private long heldBytes;
    private ScheduledFuture<?> watch;
    private HearthException reason;
    private boolean retired;
    private volatile boolean leftIdle;
    private volatile long welcomedNs;
    private volatile long features;
    private volatile Channel channel;

    WorkerConnection(
            WorkerAddress worker, String token, ClientSettings settings, ClientMetrics metrics, LifeSigns life) {
        this.worker = worker;
        this.token = token;
        this.settings = settings;
        this.metrics = metrics;
        this.life = life;
    }

    /** Done when the worker has welcomed this client; fails if it refuses or does not answer. */
    CompletableFuture<WorkerConnection> ready() {
        return ready;
    }

    /** Done with the reason when the connection has ended. */
    CompletableFuture<HearthException> closed() {
        return closed;
    }

    /** Whether reads can be sent. */
    boolean open() {
        return ready.isDone() && !ready.isCompletedExceptionally() && !closed.isDone();
    }

    int inFlight() {
        return inFlight.get();
    }

    /** How long the worker has been on good terms; 0 if it never was. */
    long welcomedForMs() {
        return welcomedNs == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - welcomedNs);
    }

    /** Whether the worker closed it in good order while it owed nothing: so it does with connections that idle. */
    boolean leftIdle() {
        return leftIdle;
    }

    /** Gives the channel, before it is connected. */
    void bind(Channel connecting) {
        channel = connecting;
    }

    /** Ends a connection that never was one. */
    void notConnected(Throwable cause) {
        end(failure(FailureKind.UNAVAILABLE, "cannot be reached: " + cause.getMessage()));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        metrics.connectionOpened();
        long timeoutMs = settings.connectTimeout().toMillis();
        ScheduledFuture<?> greeting = ctx.executor()
                .schedule(
                        () -> close(FailureKind.TIMEOUT, "did not answer the greeting within " + timeoutMs + " ms"),
                        timeoutMs,
                        TimeUnit.MILLISECONDS);
        ready.whenComplete((connection, thrown) -> greeting.cancel(false));
        ctx.writeAndFlush(new Message.Hello(MessageCodec.VERSION_MIN, MessageCodec.VERSION_MAX, FEATURES, token));
    }

    /** Reads a range of at most {@link MessageCodec#READ_BYTES_MAX}; thread-safe. */
    CompletableFuture<Void> read(RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        return begin(
                new WorkerRead(object, offset, length, sink, channel.eventLoop(), this::released, metrics),
                id -> new Message.Read(id, context, object, offset, length));
    }

    /** Waits for a range of at most {@link MessageCodec#READ_BYTES_MAX} of a granted file; thread-safe. */
    CompletableFuture<Void> await(
            RequestContext context, long grant, ObjectRef object, long offset, int length, Listener listener) {
        if ((features & Features.READY) == 0) {
            return CompletableFuture.failedFuture(
                    new HearthException(FailureKind.UNSUPPORTED_VERSION, name() + " knows no reads by descriptor"));
        }
        return begin(
                new GrantedRead(offset, length, listener),
                id -> new Message.AwaitReady(id, grant, context, object, offset, length));
    }

    /**
     * Says that these blocks will be wanted, in this order; a worker of before orders were known is told run by run.
     * Thread-safe.
     */
    void hint(RequestContext context, ObjectRef object, List<BlockOrder> orders) {
        for (BlockOrder order : orders) {
            if (order.runs().size() > 1 && (features & Features.BLOCKS) != 0) {
                send(new Message.PrefetchBlocks(context, object, order));
                metrics.prefetch();
            } else {
                order.runs().forEach(run -> hint(context, object, run));
            }
        }
    }

    private void hint(RequestContext context, ObjectRef object, BlockOrder.Run run) {
        long offset = Geometry.blockOffset(run.first());
        long end = Math.min(object.sizeBytes(), Geometry.blockOffset(run.end()));
        send(new Message.Prefetch(context, object, offset, end - offset));
        metrics.prefetch();
    }

    private CompletableFuture<Void> begin(PendingRead read, LongFunction<Message> request) {
        if (inFlight.incrementAndGet() > settings.requests()) {
            inFlight.decrementAndGet();
            return CompletableFuture.failedFuture(new HearthException(
                    FailureKind.OVERLOADED, settings.requests() + " reads are under way at " + name()));
        }
        read.result().whenComplete((done, thrown) -> inFlight.decrementAndGet());
        try {
            channel.eventLoop().execute(() -> start(read, request));
        } catch (RuntimeException e) {
            read.fail(new HearthException(FailureKind.UNAVAILABLE, "the client is closed", e));
        }
        return read.result();
    }

    private void start(PendingRead read, LongFunction<Message> request) {
        if (read.result().isDone()) {
            return;
        }
        if (closed.isDone() || reason != null) {
            read.fail(ended());
            return;
        }
        long id = ++lastId;
        if (reads.isEmpty()) {
            life.heard();
        }
        reads.put(id, read);
        watch();
        read.result().whenComplete((done, thrown) -> onLoop(() -> finished(id, read)));
        channel.writeAndFlush(request.apply(id)).addListener(sent -> {
            if (!sent.isSuccess()) {
                read.fail(failure(FailureKind.UNAVAILABLE, "could not be written to: " + sent.cause()));
            }
        });
    }

    private void finished(long id, PendingRead read) {
        if (!reads.remove(id, read)) {
            return;
        }
        read.drop();
        if (!read.received() && channel.isActive()) {
            channel.writeAndFlush(new Message.Cancel(id));
        }
        if (retired && reads.isEmpty()) {
            close(FailureKind.UNAVAILABLE, "is not in the list of workers any more");
        }
    }

    /** Sends a message that has no answer; thread-safe. */
    void send(Message message) {
        if (channel.isActive() && channel.isWritable()) {
            channel.writeAndFlush(message);
        }
    }

    /** Closes the connection once nothing is read on it; thread-safe. */
    void retire() {
        onLoop(() -> {
            retired = true;
            if (reads.isEmpty()) {
                close(FailureKind.UNAVAILABLE, "is not in the list of workers any more");
            }
        });
    }

    /** Closes the connection; its reads fail. Thread-safe. */
    void close() {
        onLoop(() -> close(FailureKind.UNAVAILABLE, "was left: the client is closing"));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DataFrame frame) {
            data(frame);
        } else if (message instanceof Message.Ready told) {
            ready(told);
        } else if (message instanceof Message.Failed failed) {
            PendingRead read = reads.remove(failed.requestId());
            if (read != null) {
                read.fail(new HearthException(failed.kind(), failed.reason()));
            }
        } else if (message instanceof Message.Pong) {
            life.answered();
        } else if (message instanceof Message.Ping ping) {
            ctx.writeAndFlush(new Message.Pong(ping.nonce()));
        } else if (message instanceof Message.Welcome welcome && !ready.isDone()) {
            welcomed(welcome);
        } else if (message instanceof Message.Refused refused && !ready.isDone()) {
            refused(refused);
        } else {
            ReferenceCountUtil.release(message);
            close(FailureKind.CORRUPT, "said something out of turn");
        }
    }

    private void refused(Message.Refused refused) {
        boolean versionsMeet =
                refused.versionMin() <= MessageCodec.VERSION_MAX && refused.versionMax() >= MessageCodec.VERSION_MIN;
        String versions = " (it speaks versions " + refused.versionMin() + " to " + refused.versionMax()
                + ", this client " + MessageCodec.VERSION_MIN + " to " + MessageCodec.VERSION_MAX + ")";
        close(
                versionsMeet ? FailureKind.UNAVAILABLE : FailureKind.UNSUPPORTED_VERSION,
                "refuses this client: " + refused.reason() + (versionsMeet ? "" : versions));
    }

    private void welcomed(Message.Welcome welcome) {
        if (welcome.version() < MessageCodec.VERSION_MIN || welcome.version() > MessageCodec.VERSION_MAX) {
            close(
                    FailureKind.UNSUPPORTED_VERSION,
                    "answers in version " + welcome.version()
                            + ", which this client does not speak: use the same release on both");
        } else if (!welcome.workerId().equals(worker.id())) {
            close(FailureKind.UNAVAILABLE, "is not there: worker " + welcome.workerId() + " answers in its place");
        } else {
            welcomedNs = System.nanoTime();
            features = welcome.features();
            ready.complete(this);
        }
    }

    private void data(DataFrame frame) {
        if (!(reads.get(frame.head().requestId()) instanceof WorkerRead read)) {
            frame.release(); // The answer to a read that was cancelled.
            return;
        }
        heldBytes += frame.payload().readableBytes();
        try {
            read.accept(frame);
        } catch (HearthException e) {
            read.fail(new HearthException(e.kind(), e.getMessage() + " (" + name() + ")"));
        }
        if (heldBytes > settings.receiveBuffer().bytes()) {
            channel.config().setAutoRead(false);
        }
    }

    private void ready(Message.Ready told) {
        if (reads.get(told.requestId()) instanceof GrantedRead read) {
            try {
                read.accept(told);
            } catch (HearthException e) {
                read.fail(new HearthException(e.kind(), e.getMessage() + " (" + name() + ")"));
            }
        }
    }

    /** Bytes that this connection no longer holds. */
    private void released(int bytes) {
        heldBytes -= bytes;
        if (heldBytes <= settings.receiveBuffer().bytes() / 2
                && !channel.config().isAutoRead()) {
            resumed();
            channel.config().setAutoRead(true);
        }
    }

    /** While this side did not read, silence was not the worker's. */
    private void resumed() {
        life.heard();
        reads.values().forEach(PendingRead::progress);
    }

    private void watch() {
        if (watch == null) {
            long periodMs = Math.max(5, settings.pingAfter().toMillis() / 5);
            watch = channel.eventLoop().scheduleWithFixedDelay(this::look, periodMs, periodMs, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        if (reads.isEmpty()) {
            watch.cancel(false);
            watch = null;
        } else if (!channel.config().isAutoRead()) {
            resumed();
        } else if (life.stalled()) {
            metrics.stall();
            close(
                    FailureKind.TIMEOUT,
                    "gave no sign of life for " + settings.stallTimeout().toMillis() + " ms");
        } else {
            if (life.pingDue()) {
                channel.writeAndFlush(new Message.Ping(life.nonce()));
            }
            expireReads();
        }
    }

    private void expireReads() {
        long oldest = System.nanoTime() - settings.workerTimeout().toNanos();
        for (PendingRead read : new ArrayList<>(reads.values())) {
            if (read.progressNs() - oldest < 0) {
                read.fail(failure(
                        FailureKind.TIMEOUT,
                        "gave no byte for " + settings.workerTimeout().toMillis() + " ms"));
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof HearthException broken) {
            close(FailureKind.CORRUPT, "does not speak the protocol: " + broken.getMessage());
        } else {
            close(FailureKind.UNAVAILABLE, "broke the connection: " + cause.getMessage());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        metrics.connectionClosed();
        if (watch != null) {
            watch.cancel(false);
        }
        leftIdle = reason == null && welcomedNs != 0 && reads.isEmpty();
        HearthException ended = ended();
        end(ended);
        List<PendingRead> left = new ArrayList<>(reads.values());
        reads.clear();
        left.forEach(read -> read.fail(ended));
    }

    private void end(HearthException ended) {
        closed.complete(ended); // First, so that whoever waited to be welcomed finds the worker down.
        ready.completeExceptionally(ended);
    }

    private void close(FailureKind kind, String what) {
        if (reason == null) {
            reason = failure(kind, what);
        }
        channel.close();
    }

    private HearthException ended() {
        return reason != null ? reason : failure(FailureKind.UNAVAILABLE, "closed the connection");
    }

    private HearthException failure(FailureKind kind, String what) {
        return new HearthException(kind, name() + " " + what);
    }

    private String name() {
        return "worker " + worker.id() + " at " + worker.host() + ":" + worker.port();
    }

    private void onLoop(Runnable step) {
        if (channel.eventLoop().inEventLoop()) {
            step.run();
        } else if (!channel.eventLoop().isShuttingDown()) {
            channel.eventLoop().execute(step);
        }
    }
}
