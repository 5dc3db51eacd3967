package io.hearth.worker.net;

import io.hearth.client.wire.MessageDecoder;
import io.hearth.client.wire.MessageEncoder;
import io.hearth.objectstore.net.SocketTransport;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.protocol.wire.MessageCodec;
import io.hearth.worker.descriptor.OpenGrants;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.fill.Fills;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.TierStore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The listener of the data plane. Thread-safe. */
public final class DataPlaneServer implements AutoCloseable {
    private static final int CLOSE_SECONDS_MAX = 5;

    private final EventLoopGroup loops;
    private final ChannelGroup connections;
    private final Channel listener;

    private DataPlaneServer(EventLoopGroup loops, ChannelGroup connections, Channel listener) {
        this.loops = loops;
        this.connections = connections;
        this.listener = listener;
    }

    /**
     * Listens; epoll where the platform has it.
     *
     * @param address where; port 0 for any free one
     * @throws HearthException {@link FailureKind#CONFLICT} in one line if the address cannot be had
     */
    public static DataPlaneServer start(
            InetSocketAddress address,
            String workerId,
            long incarnation,
            ClusterToken token,
            TierStore store,
            Fills fills,
            DiskThreads disk,
            OpenGrants grants,
            DataPlaneLimits limits,
            SendLimit sendLimit,
            WorkerMetrics metrics) {
        DataPlane plane = new DataPlane(
                workerId,
                incarnation,
                token,
                store,
                fills,
                disk,
                grants,
                new SendfileChunkSender(),
                sendLimit,
                limits,
                metrics);
        SocketTransport transport = SocketTransport.best();
        EventLoopGroup loops = transport.loops(limits.ioThreads(), "hearth-worker-data");
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        int high = limits.queuedBytesMax();
        ServerBootstrap server = new ServerBootstrap()
                .group(loops)
                .channel(transport.servers())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 256)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(high / 2, high))
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, new RegionSizeEstimator())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.pipeline().addLast(idle(limits), new MessageDecoder(MessageCodec.CONTROL_BYTES_MAX));
                        channel.pipeline().addLast(new MessageEncoder(), new Connection(plane));
                    }
                });
        var bound = server.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new HearthException(
                    FailureKind.CONFLICT,
                    "the data plane cannot listen on " + address.getHostString() + ":" + address.getPort() + " ("
                            + bound.cause().getMessage() + "): set worker.data-port or worker.host",
                    bound.cause());
        }
        return new DataPlaneServer(loops, connections, bound.channel());
    }

    private static IdleStateHandler idle(DataPlaneLimits limits) {
        return new IdleStateHandler(true, 0, 0, limits.idleTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The port in use. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Closes listener and connections, within five seconds. Reads under way end unanswered. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        connections.close().awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        loops.shutdownGracefully(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    }
}
