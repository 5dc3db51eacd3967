package io.hearth.client.local;

import io.hearth.client.ClientMetrics;
import io.hearth.client.FileWatcher;
import io.hearth.client.read.LocalReads;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens files of this node's worker. Keeps one connection to its socket, tried again for as long as nobody answers:
 * without it everything is read elsewhere. Thread-safe; owns one event loop.
 */
public final class LocalFiles implements LocalReads, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalFiles.class);
    private static final long CLOSE_MS_MAX = 2_000;
    private static final int RECEIVE_BYTES = 4096;
    private static final int RETRY_DOUBLINGS_MAX = 5;

    private final LocalSettings settings;
    private final ReadyRanges ranges;
    private final ClientMetrics metrics;
    private final EventLoopGroup loops;
    private final Map<ObjectId, LocalFile> files = new HashMap<>();
    private final DeviceCopy device = new DeviceCopy();
    /** Of workers' earlier lives: what the kernel keeps until the next one has it let go, or the mount ends. */
    private final Queue<Integer> leftIds = new ArrayDeque<>();

    /**
     * Written under the lock, and read without: who asks for a descriptor holds a file's lock, which comes after this
     * one.
     */
    private volatile Optional<DescriptorConnection> connection = Optional.empty();

    private volatile FileWatcher watcher = (object, whole) -> {};
    private int failures;
    private boolean closed;

    private LocalFiles(LocalSettings settings, ReadyRanges ranges, ClientMetrics metrics, EventLoopGroup loops) {
        this.settings = settings;
        this.ranges = ranges;
        this.metrics = metrics;
        this.loops = loops;
    }

    /** Begins to look for the worker; empty, after a line in the log, where this platform cannot. */
    public static Optional<LocalFiles> start(LocalSettings settings, ReadyRanges ranges, ClientMetrics metrics) {
        if (settings.descriptorsMax() == 0) {
            return Optional.empty();
        }
        if (!Epoll.isAvailable()) {
            LOG.info(
                    "no descriptors from this node's worker: epoll is not to be had ({})",
                    Epoll.unavailabilityCause().getMessage());
            return Optional.empty();
        }
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("hearth-descriptors", true), EpollIoHandler.newFactory());
        LocalFiles files = new LocalFiles(settings, ranges, metrics, loops);
        files.connect();
        long idleMs = settings.idle().toMillis();
        loops.next().scheduleWithFixedDelay(files::closeIdle, idleMs, Math.max(1, idleMs / 2), TimeUnit.MILLISECONDS);
        return Optional.of(files);
    }

    /** Whether this node's worker answers at its socket. */
    public boolean connected() {
        return connection.filter(DescriptorConnection::welcomed).isPresent();
    }

    ReadyRanges ranges() {
        return ranges;
    }

    @Override
    public Optional<LocalObject> open(RequestContext context, ObjectRef object) {
        if (object.sizeBytes() < settings.minSize().bytes()) {
            return Optional.empty();
        }
        return file(context, object).map(LocalFile::view);
    }

    private synchronized Optional<LocalFile> file(RequestContext context, ObjectRef object) {
        ObjectId id = object.id();
        if (closed || files.size() >= settings.descriptorsMax() && !files.containsKey(id)) {
            return Optional.empty();
        }
        LocalFile file = files.computeIfAbsent(id, same -> new LocalFile(this, id, context, object, settings, metrics));
        file.opened();
        return Optional.of(file);
    }

    @Override
    public void watch(FileWatcher next) {
        watcher = next;
    }

    /** All of an object is in its file. */
    void whole(LocalFile file) {
        watcher.changed(file.id(), true);
    }

    void closed(LocalFile file) {
        boolean last;
        synchronized (this) {
            last = file.closed();
            if (last) {
                files.remove(file.id());
            }
        }
        if (last) {
            file.close();
        }
    }

    /** A descriptor of the object's file; fails where there is none to be had. */
    CompletableFuture<Descriptor> descriptor(RequestContext context, ObjectRef object) {
        return connection
                .map(open -> open.ready().thenCompose(welcomed -> welcomed.open(context, object)))
                .orElseGet(() -> CompletableFuture.failedFuture(
                        new HearthException(FailureKind.UNAVAILABLE, "nobody listens at " + settings.socket())));
    }

    void letGo(Descriptor descriptor) {
        Optional<DescriptorConnection> giver = connection.filter(open -> open.gave(descriptor));
        if (giver.isPresent()) {
            giver.get().letGo(descriptor.grant());
        } else {
            // A worker's earlier life gave it: the grant ended with that connection, what the kernel keeps did not.
            descriptor.backingId().known().ifPresent(this::leave);
        }
    }

    private void leave(int backingId) {
        synchronized (this) {
            if (leftIds.size() >= settings.descriptorsMax()) {
                return; // It ends with the mount.
            }
            leftIds.add(backingId);
        }
        connection.filter(DescriptorConnection::welcomed).ifPresent(this::giveLeftIds);
    }

    private synchronized void giveLeftIds(DescriptorConnection to) {
        if (to.keeps()) {
            leftIds.forEach(to::unkeep);
            leftIds.clear();
        }
    }

    private void connect() {
        DescriptorConnection next = new DescriptorConnection(
                settings.retry(), device, this::welcomed, this::revoked, this::whole, this::lost);
        synchronized (this) {
            if (closed) {
                return;
            }
            connection = Optional.of(next);
        }
        new Bootstrap()
                .group(loops)
                .channel(EpollDomainSocketChannel.class)
                // One message a turn: what follows a descriptor must be read as bytes again.
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(1))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        next.join(channel.pipeline());
                    }
                })
                .connect(new DomainSocketAddress(settings.socket().toFile()))
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        next.notConnected();
                    }
                });
    }

    private void welcomed(DescriptorConnection by) {
        LOG.info("reads files of worker {} by descriptor", by.workerId());
        synchronized (this) {
            failures = 0;
        }
        // The new worker does not count them: they must not stay open for long.
        end(GrantedFile::orphaned);
        giveLeftIds(by);
    }

    private void revoked(DescriptorConnection by, long grant) {
        end(open -> is(open, by, grant));
    }

    private void whole(DescriptorConnection by, long grant) {
        snapshot().forEach(file -> file.whole(open -> is(open, by, grant)));
    }

    private static boolean is(GrantedFile open, DescriptorConnection by, long grant) {
        return by.gave(open.descriptor()) && open.descriptor().grant() == grant;
    }

    private void end(Predicate<GrantedFile> which) {
        snapshot().stream().filter(file -> file.end(which)).forEach(file -> watcher.changed(file.id(), false));
    }

    private void lost(DescriptorConnection which) {
        long pauseMs;
        synchronized (this) {
            if (closed || connection.filter(which::equals).isEmpty()) {
                return;
            }
            connection = Optional.empty();
            pauseMs = settings.retry().toMillis() << Math.min(failures++, RETRY_DOUBLINGS_MAX);
        }
        snapshot().forEach(LocalFile::orphan);
        try {
            loops.next().schedule(this::connect, pauseMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the client is closing");
        }
    }

    private void closeIdle() {
        long sinceNs = System.nanoTime() - settings.idle().toNanos();
        snapshot().forEach(file -> file.end(open -> open.idleSince(sinceNs)));
    }

    private synchronized List<LocalFile> snapshot() {
        return List.copyOf(files.values());
    }

    /** Closes every file; reads under way end first. Within a bound. */
    @Override
    public void close() {
        Optional<DescriptorConnection> last;
        synchronized (this) {
            closed = true;
            last = connection;
        }
        snapshot().forEach(LocalFile::close);
        last.ifPresent(DescriptorConnection::close);
        loops.shutdownGracefully(0, CLOSE_MS_MAX, TimeUnit.MILLISECONDS).awaitUninterruptibly(2 * CLOSE_MS_MAX);
        device.close();
    }
}
