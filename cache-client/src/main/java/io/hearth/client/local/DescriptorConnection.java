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
import io.hearth.protocol.wire.Message.Kept;
import io.hearth.protocol.wire.Message.LetGo;
import io.hearth.protocol.wire.Message.Revoked;
import io.hearth.protocol.wire.Message.SendDevice;
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
import java.nio.file.AccessDeniedException;
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
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conversation on a worker's socket, see {@link Message}: one request at a time, the others wait. State belongs to
 * the event loop; methods are thread-safe.
 */
final class DescriptorConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(DescriptorConnection.class);
    private static final int WAITING_MAX = 1024;
    private static final int EPERM = 1;

    private final Duration answerTimeout;
    private final DeviceCopy device;
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

    private boolean toldOfRights;
    private long lastId;
    private final CompletableFuture<DescriptorConnection> ready = new CompletableFuture<>();
    private volatile Optional<String> workerId = Optional.empty();
    private volatile ChannelHandlerContext ctx;

    private volatile long features;
    /** What is said later, because the worker may wait for ancillary data; empty while it cannot. */
    private Optional<Queue<Message>> heldBack = Optional.empty();

    DescriptorConnection(
            Duration answerTimeout,
            DeviceCopy device,
            Consumer<DescriptorConnection> onWelcome,
            BiConsumer<DescriptorConnection, Long> onRevoked,
            BiConsumer<DescriptorConnection, Long> onWhole,
            Consumer<DescriptorConnection> onEnd) {
        this.answerTimeout = answerTimeout;
        this.device = device;
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
        CompletableFuture<Descriptor> answer = new CompletableFuture<>();
        ask(new Wanted.File(context, object, answer));
        return answer;
    }

    /** Whether this worker may have the kernel keep files for this process's mount. */
    boolean keeps() {
        return (features & Features.KEEP) != 0;
    }

    /** Asks that the kernel keep a granted file: an id, or an errno, negative; fails with the connection. */
    private CompletableFuture<Integer> keep(long grant, IntSupplier copyOfDevice) {
        if (!keeps()) {
            return CompletableFuture.completedFuture(-EPERM);
        }
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        try {
            device.take(copyOfDevice);
            ask(new Wanted.Keep(grant, answer));
        } catch (HearthException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    /** Has the kernel let go what an earlier life of the worker had it keep. */
    void unkeep(int backingId) {
        ask(new Wanted.Unkeep(backingId, new CompletableFuture<>()));
    }

    private void ask(Wanted wanted) {
        boolean taken = onLoop(() -> {
            if (!ctx.channel().isActive() || waiting.size() >= WAITING_MAX) {
                wanted.answer().completeExceptionally(unavailable());
            } else {
                waiting.add(wanted);
                next();
            }
        });
        if (!taken) {
            wanted.answer().completeExceptionally(unavailable());
        }
    }

    void letGo(long grant) {
        onLoop(() -> {
            given.removeIf(descriptor -> descriptor.grant() == grant);
            say(new LetGo(grant));
        });
    }

    private void say(Message message) {
        if (heldBack.isPresent()) {
            heldBack.get().add(message);
        } else {
            ctx.writeAndFlush(message);
        }
    }

    private void sayWhatWasHeldBack() {
        heldBack.ifPresent(messages -> messages.forEach(ctx::write));
        heldBack = Optional.empty();
        ctx.flush();
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
        context.writeAndFlush(new Hello(
                MessageCodec.VERSION_MIN,
                MessageCodec.VERSION_MAX,
                Features.READY | Features.WHOLE | Features.KEEP,
                ""));
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
        ctx.writeAndFlush(wanted.request(++lastId));
        if (wanted instanceof Wanted.OfKernel) {
            heldBack = Optional.of(new ArrayDeque<>());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof FileDescriptor descriptor) {
            take(descriptor);
        } else if (message instanceof Welcome welcome && !welcomed()) {
            features = welcome.features();
            workerId = Optional.of(welcome.workerId());
            onWelcome.accept(this);
            ready.complete(this);
        } else if (message instanceof Granted grant && grant.requestId() == lastId && awaits(Wanted.File.class)) {
            granted = Optional.of(grant);
            readMode(DomainSocketReadMode.FILE_DESCRIPTORS);
            context.writeAndFlush(new TakeDescriptor(lastId));
        } else if (message instanceof Failed failed && failed.requestId() == lastId && current.isPresent()) {
            ended().answer().completeExceptionally(new HearthException(failed.kind(), failed.reason()));
            next();
        } else if (message instanceof SendDevice send && send.requestId() == lastId && awaits(Wanted.OfKernel.class)) {
            sendDevice();
        } else if (message instanceof Kept kept && kept.requestId() == lastId && awaits(Wanted.OfKernel.class)) {
            ((Wanted.OfKernel) ended()).answer().complete(kept.backingId());
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

    private boolean awaits(Class<? extends Wanted> kind) {
        return current.filter(kind::isInstance).isPresent();
    }

    private void sendDevice() {
        Optional<FileDescriptor> copy = device.descriptor();
        if (copy.isPresent()) {
            ctx.writeAndFlush(copy.get());
            sayWhatWasHeldBack();
        } else {
            ctx.close();
        }
    }

    private void take(FileDescriptor came) {
        readMode(DomainSocketReadMode.BYTES);
        long grant = granted.map(Granted::grant).orElseThrow();
        granted = Optional.empty();
        CompletableFuture<Descriptor> answer = ((Wanted.File) ended()).answer();
        try {
            Descriptor descriptor = new Descriptor(
                    workerId(),
                    grant,
                    grant == wholeNext,
                    came,
                    channel(came),
                    new BackingId(copy -> keep(grant, copy)));
            given.add(descriptor);
            answer.complete(descriptor);
        } catch (IOException e) {
            close(came);
            say(new LetGo(grant));
            answer.completeExceptionally(
                    new HearthException(FailureKind.DENIED, "a worker's file cannot be opened: " + e.getMessage(), e));
        }
        next();
    }

    /** Opened anew, which takes the right to read the file, as having its descriptor does not. */
    private Optional<FileChannel> channel(FileDescriptor came) throws IOException {
        try {
            return Optional.of(FileChannel.open(Path.of("/proc/self/fd/" + came.intValue()), StandardOpenOption.READ));
        } catch (AccessDeniedException e) {
            if (!toldOfRights) {
                toldOfRights = true;
                LOG.warn(
                        "files of worker {} are not readable for this user (its umask?): what the kernel neither reads"
                                + " itself nor splices comes over TCP",
                        workerId());
            }
            return Optional.empty();
        }
    }

    private static void close(FileDescriptor descriptor) {
        try {
            descriptor.close();
        } catch (IOException e) {
            // The descriptor is gone either way.
        }
    }

    /** What was asked for, whose answer is there. */
    private Wanted ended() {
        Wanted wanted = current.orElseThrow();
        current = Optional.empty();
        sayWhatWasHeldBack();
        return wanted;
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

    private boolean onLoop(Runnable step) {
        boolean open = !ctx.executor().isShuttingDown();
        if (open) {
            ctx.executor().execute(step);
        }
        return open;
    }
}
