package io.hearth.client.local;

import io.hearth.client.wire.MessageDecoder;
import io.hearth.client.wire.MessageEncoder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.wire.Features;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.Message.Failed;
import io.hearth.protocol.wire.Message.Granted;
import io.hearth.protocol.wire.Message.Hello;
import io.hearth.protocol.wire.Message.LetGo;
import io.hearth.protocol.wire.Message.OpenDescriptor;
import io.hearth.protocol.wire.Message.Revoked;
import io.hearth.protocol.wire.Message.TakeDescriptor;
import io.hearth.protocol.wire.Message.Welcome;
import io.hearth.protocol.wire.Message.Whole;
import io.hearth.protocol.wire.MessageCodec;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.unix.DomainSocketChannelConfig;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The conversation on a worker's socket, see {@link Message}: one request at a time, the others wait. State belongs to the event
 * loop; methods are thread-safe.
 */
final class DescriptorConnection extends ChannelInboundHandlerAdapter {
    private static final int WAITING_MAX = 1024;

    private final Duration answerTimeout;
    private final Consumer<DescriptorConnection> onWelcome;
    private final BiConsumer<DescriptorConnection, Long> onRevoked;
    private final BiConsumer<DescriptorConnection, Long> onWhole;
    private final Consumer<DescriptorConnection> onEnd;
    private final Set<Descriptor> given = ConcurrentHashMap.newKeySet();
    private final Queue<Wanted> waiting = new ArrayDeque<>();
    private Optional<Wanted> current = Optional.empty();
    private Optional<Granted> granted = Optional.empty();
    /** The grant that was said to be whole before it was given. */
    private long wholeNext;

    private long lastId;
    private final CompletableFuture<DescriptorConnection> ready = new CompletableFuture<>();
    private volatile Optional<String> workerId = Optional.empty();
    private volatile ChannelHandlerContext ctx;

    private record Wanted(RequestContext context, ObjectRef object, CompletableFuture<Descriptor> answer) {}

    DescriptorConnection(
            Duration answerTimeout,
            Consumer<DescriptorConnection> onWelcome,
            BiConsumer<DescriptorConnection, Long> onRevoked,
            BiConsumer<DescriptorConnection, Long> onWhole,
            Consumer<DescriptorConnection> onEnd) {
        this.answerTimeout = answerTimeout;
        this.onWelcome = onWelcome;
        this.onRevoked = onRevoked;
        this.onWhole = onWhole;
        this.onEnd = onEnd;
    }

    void join(ChannelPipeline pipeline) {
        pipeline.addLast(new MessageDecoder(MessageCodec.CONTROL_BYTES_MAX), new MessageEncoder(), this);
    }

    /** Done when the worker has welcomed this client; fails if it does not. */
    CompletableFuture<DescriptorConnection> ready() {
        return ready;
    }

    /** Ends a connection that never was one. */
    void notConnected() {
        ready.completeExceptionally(unavailable());
        onEnd.accept(this);
    }

    boolean welcomed() {
        return workerId.isPresent();
    }

    String workerId() {
        return workerId.orElse("");
    }

    /** Whether this connection's worker counts that descriptor. */
    boolean gave(Descriptor descriptor) {
        return given.contains(descriptor);
    }

    /** Asks for a descriptor; fails with the connection. */
    CompletableFuture<Descriptor> open(RequestContext context, ObjectRef object) {
        Wanted wanted = new Wanted(context, object, new CompletableFuture<>());
        onLoop(() -> {
            if (!ctx.channel().isActive() || waiting.size() >= WAITING_MAX) {
                wanted.answer().completeExceptionally(unavailable());
            } else {
                waiting.add(wanted);
                next();
            }
        });
        return wanted.answer();
    }

    void letGo(long grant) {
        onLoop(() -> {
            given.removeIf(descriptor -> descriptor.grant() == grant);
            ctx.writeAndFlush(new LetGo(grant));
        });
    }

    void close() {
        ChannelHandlerContext known = ctx;
        if (known != null) {
            known.close();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(
                new Hello(MessageCodec.VERSION_MIN, MessageCodec.VERSION_MAX, Features.READY | Features.WHOLE, ""));
        context.executor()
                .schedule(
                        () -> {
                            if (!welcomed()) {
                                context.close();
                            }
                        },
                        answerTimeout.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void next() {
        if (current.isPresent() || waiting.isEmpty()) {
            return;
        }
        Wanted wanted = waiting.remove();
        current = Optional.of(wanted);
        ctx.writeAndFlush(new OpenDescriptor(++lastId, wanted.context(), wanted.object()));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof FileDescriptor descriptor) {
            take(descriptor);
        } else if (message instanceof Welcome welcome && !welcomed()) {
            workerId = Optional.of(welcome.workerId());
            onWelcome.accept(this);
            ready.complete(this);
        } else if (message instanceof Granted grant && grant.requestId() == lastId && current.isPresent()) {
            granted = Optional.of(grant);
            readMode(DomainSocketReadMode.FILE_DESCRIPTORS);
            context.writeAndFlush(new TakeDescriptor(lastId));
        } else if (message instanceof Failed failed && failed.requestId() == lastId && current.isPresent()) {
            answer().completeExceptionally(new HearthException(failed.kind(), failed.reason()));
            next();
        } else if (message instanceof Revoked gone) {
            onRevoked.accept(this, gone.grant());
        } else if (message instanceof Whole whole) {
            wholeNext = whole.grant();
            onWhole.accept(this, whole.grant());
        } else {
            ReferenceCountUtil.release(message);
            context.close();
        }
    }

    /** Opened anew by its number, which makes it a channel of this JVM. */
    private void take(FileDescriptor came) {
        readMode(DomainSocketReadMode.BYTES);
        long grant = granted.map(Granted::grant).orElseThrow();
        granted = Optional.empty();
        CompletableFuture<Descriptor> answer = answer();
        try {
            FileChannel channel =
                    FileChannel.open(Path.of("/proc/self/fd/" + came.intValue()), StandardOpenOption.READ);
            Descriptor descriptor = new Descriptor(workerId(), grant, grant == wholeNext, came, channel);
            given.add(descriptor);
            answer.complete(descriptor);
        } catch (IOException e) {
            close(came);
            ctx.writeAndFlush(new LetGo(grant));
            answer.completeExceptionally(
                    new HearthException(FailureKind.DENIED, "a worker's file cannot be opened: " + e.getMessage(), e));
        }
        next();
    }

    private static void close(FileDescriptor descriptor) {
        try {
            descriptor.close();
        } catch (IOException e) {
            // The descriptor is gone either way.
        }
    }

    private CompletableFuture<Descriptor> answer() {
        CompletableFuture<Descriptor> answer = current.orElseThrow().answer();
        current = Optional.empty();
        return answer;
    }

    private void readMode(DomainSocketReadMode mode) {
        ((DomainSocketChannelConfig) ctx.channel().config()).setReadMode(mode);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        current.ifPresent(wanted -> wanted.answer().completeExceptionally(unavailable()));
        current = Optional.empty();
        waiting.forEach(wanted -> wanted.answer().completeExceptionally(unavailable()));
        waiting.clear();
        given.clear();
        ready.completeExceptionally(unavailable());
        onEnd.accept(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private static HearthException unavailable() {
        return new HearthException(FailureKind.UNAVAILABLE, "the worker's socket is closed");
    }

    private void onLoop(Runnable step) {
        if (!ctx.executor().isShuttingDown()) {
            ctx.executor().execute(step);
        }
    }
}
