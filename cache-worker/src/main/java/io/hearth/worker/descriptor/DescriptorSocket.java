package io.hearth.worker.descriptor;

import io.hearth.client.wire.MessageDecoder;
import io.hearth.client.wire.MessageEncoder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.MessageCodec;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.integrity.DescriptorGrants;
import io.hearth.worker.tier.TierStore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for readers of this node. A worker that cannot have it says why in one line and goes on without: its
 * readers read over the data plane. Thread-safe.
 */
public final class DescriptorSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DescriptorSocket.class);
    private static final int CLOSE_SECONDS_MAX = 5;
    private static final int RECEIVE_BYTES = 4096;

    private final KernelKeeper keeper;
    private final SocketFile file;
    private final EventLoopGroup loops;
    private final ChannelGroup connections;
    private final Channel listener;

    private DescriptorSocket(
            KernelKeeper keeper, SocketFile file, EventLoopGroup loops, ChannelGroup connections, Channel listener) {
        this.keeper = keeper;
        this.file = file;
        this.loops = loops;
        this.connections = connections;
        this.listener = listener;
    }

    /** Listens; empty, after a line in the log, where this process or platform cannot. */
    public static Optional<DescriptorSocket> start(
            DescriptorSettings settings,
            String workerId,
            long incarnation,
            TierStore store,
            DescriptorGrants allowed,
            OpenGrants open,
            DiskThreads disk,
            KernelKeeper keeper) {
        if (settings.descriptorsMax() == 0) {
            return Optional.empty();
        }
        try {
            require();
            Offers offers = new Offers(store, allowed, open, disk, keeper);
            SocketFile file = SocketFile.of(settings.socket(), settings.permissions());
            DescriptorSocket socket = listen(settings.connectionsMax(), workerId, incarnation, offers, file, keeper);
            LOG.info("readers of this node get descriptors at {}", settings.socket());
            return Optional.of(socket);
        } catch (HearthException e) {
            LOG.warn("no descriptors for readers of this node, they read over TCP: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static void require() {
        if (!Epoll.isAvailable()) {
            String cause = String.valueOf(Epoll.unavailabilityCause().getMessage());
            throw new HearthException(FailureKind.INTERNAL, "epoll is not to be had: " + cause);
        }
        ReadOnlyDescriptor.unavailable().ifPresent(why -> {
            throw new HearthException(FailureKind.INTERNAL, why);
        });
    }

    private static DescriptorSocket listen(
            int connectionsMax,
            String workerId,
            long incarnation,
            Offers offers,
            SocketFile file,
            KernelKeeper keeper) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("hearth-worker-descriptors", true), EpollIoHandler.newFactory());
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ServerBootstrap server = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerDomainSocketChannel.class)
                // One message a turn: what follows a descriptor must be read as bytes again.
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(1))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        boolean takesMore = connections.size() <= connectionsMax;
                        channel.pipeline()
                                .addLast(new MessageDecoder(MessageCodec.CONTROL_BYTES_MAX), new MessageEncoder())
                                .addLast(new DescriptorConnection(workerId, incarnation, offers, takesMore));
                    }
                });
        var bound = server.bind(new DomainSocketAddress(file.unpublished().toFile()))
                .awaitUninterruptibly();
        try {
            if (!bound.isSuccess()) {
                throw new HearthException(
                        FailureKind.INTERNAL,
                        "cannot listen at " + file.path() + " (" + bound.cause().getMessage() + ")",
                        bound.cause());
            }
            file.publish();
        } catch (HearthException e) {
            bound.channel().close();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
        return new DescriptorSocket(keeper, file, loops, connections, bound.channel());
    }

    /** Closes listener and connections and takes the file away, within five seconds each. */
    @Override
    public void close() {
        keeper.end();
        file.remove();
        listener.close().awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        connections.close().awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        loops.shutdownGracefully(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    }
}
