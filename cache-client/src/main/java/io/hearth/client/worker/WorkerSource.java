package io.hearth.client.worker;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.PrefetchHints;
import io.hearth.client.Source;
import io.hearth.client.Transfer;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.local.ReadyRanges;
import io.hearth.client.wire.MessageDecoder;
import io.hearth.client.wire.MessageEncoder;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.net.SocketTransport;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.OrderedBlocks;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.protocol.wire.MessageCodec;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Fetches from the workers: each block from its owner, or from the next worker in its order where the owner is down or
 * its connection breaks. Slow, overloaded or wrong answers are left to the caller, who has another source. Thread-safe;
 * owns its event loops.
 */
public final class WorkerSource implements Source, PrefetchHints, ReadyRanges, AutoCloseable {
    private static final int WORKERS_TRIED_MAX = 2;
    /** Of a range, which readers say in passing. */
    private static final long HINT_BYTES_MAX = 4L << 30;

    /** Of an order: 512 GiB. */
    private static final int ORDER_BLOCKS_MAX = 1 << 16;

    private static final int RECEIVE_BYTES_MAX = 1 << 20;
    private static final long CLOSE_MS_MAX = 2_000;

    private final WorkerDirectory directory;
    private final ClientSettings settings;
    private final ClientMetrics metrics;
    private final ClusterToken token;
    private final EventLoopGroup loops;
    private final PooledByteBufAllocator buffers;
    private final Bootstrap bootstrap;
    private final Map<WorkerAddress, WorkerLink> links = new LinkedHashMap<>();
    private boolean closed;

    /** @param token shown to workers */
    public WorkerSource(WorkerDirectory directory, ClusterToken token, ClientSettings settings, ClientMetrics metrics) {
        this.directory = directory;
        this.token = token;
        this.settings = settings;
        this.metrics = metrics;
        SocketTransport transport = SocketTransport.best();
        this.loops = transport.loops(settings.ioThreads(), "hearth-worker-client");
        // Netty 4.2's adaptive default does not pool buffers above 1 MiB, and every data frame is one.
        this.buffers = new PooledByteBufAllocator(
                true,
                0,
                settings.ioThreads(),
                PooledByteBufAllocator.defaultPageSize(),
                PooledByteBufAllocator.defaultMaxOrder(),
                PooledByteBufAllocator.defaultSmallCacheSize(),
                PooledByteBufAllocator.defaultNormalCacheSize(),
                false);
        this.bootstrap = new Bootstrap()
                .group(loops)
                .channel(transport.sockets())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        settings.connectTimeout().toMillis())
                .option(ChannelOption.ALLOCATOR, buffers)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(4096, 65536, RECEIVE_BYTES_MAX));
    }

    @Override
    public String name() {
        return "worker";
    }

    @Override
    public CompletableFuture<Void> fetch(
            RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        Transfer transfer = new Transfer(offset, length, sink);
        new Blocks(transfer, context, object, object.id()).next();
        return transfer.result();
    }

    @Override
    public void prefetch(RequestContext context, ObjectRef object, long offset, long length) {
        prefetch(context, object, BlockOrder.ofBytes(offset, Math.min(length, HINT_BYTES_MAX)));
    }

    /** Each owner is told of its own blocks at once, so that it can go through them in this order. */
    @Override
    public void prefetch(RequestContext context, ObjectRef object, BlockOrder order) {
        ObjectId id = object.id();
        Map<WorkerLink, OrderedBlocks> owned = new LinkedHashMap<>();
        order.numbers()
                .limit(ORDER_BLOCKS_MAX)
                .forEach(block -> upLinks(id, block).stream()
                        .findFirst()
                        .ifPresent(owner -> owned.computeIfAbsent(owner, first -> new OrderedBlocks())
                                .add(block)));
        owned.forEach((owner, blocks) -> owner.connection()
                .thenAccept(connection -> connection.hint(context, object, blocks.orders(MessageCodec.RUNS_MAX))));
    }

    /** Connects to the worker that a reader is likely to ask first, so that its first read need not. Does not wait. */
    public void prepare() {
        upLinks(ObjectId.of(new byte[ObjectId.BYTES]), 0).stream().limit(1).forEach(WorkerLink::connection);
    }

    @Override
    public boolean from(String workerId, ObjectRef object, int block) {
        List<WorkerLink> up = upLinks(object.id(), block);
        return !up.isEmpty() && up.get(0).worker().id().equals(workerId);
    }

    @Override
    public CompletableFuture<Void> await(
            String workerId,
            long grant,
            RequestContext context,
            ObjectRef object,
            long offset,
            int length,
            Listener listener) {
        Optional<WorkerLink> link;
        synchronized (links) {
            link = links.values().stream()
                    .filter(one -> one.worker().id().equals(workerId) && one.up())
                    .findFirst();
        }
        return link.map(WorkerLink::connection)
                .orElseGet(() -> CompletableFuture.failedFuture(
                        new HearthException(FailureKind.UNAVAILABLE, "worker " + workerId + " is not up")))
                .thenCompose(connection -> connection.await(context, grant, object, offset, length, listener));
    }

    @Override
    public boolean listening() {
        synchronized (links) {
            return links.isEmpty()
                    ? !directory.isEmpty()
                    : links.values().stream().anyMatch(WorkerLink::up);
        }
    }

    /** The links to the workers for a block that are up, in order; links to workers that have gone are ended. */
    private List<WorkerLink> upLinks(ObjectId object, int block) {
        List<WorkerAddress> order = directory.order(object, block);
        synchronized (links) {
            if (closed) {
                return List.of();
            }
            if (links.size() > order.size() || !links.keySet().containsAll(order)) {
                follow(order);
            }
            return order.stream()
                    .map(links::get)
                    .filter(WorkerLink::up)
                    .limit(WORKERS_TRIED_MAX)
                    .toList();
        }
    }

    private void follow(List<WorkerAddress> live) {
        Set<WorkerAddress> wanted = new HashSet<>(live);
        for (Iterator<Map.Entry<WorkerAddress, WorkerLink>> all =
                        links.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<WorkerAddress, WorkerLink> link = all.next();
            if (!wanted.contains(link.getKey())) {
                all.remove();
                link.getValue().retire();
            }
        }
        for (WorkerAddress worker : live) {
            links.computeIfAbsent(worker, address -> new WorkerLink(address, settings, loops, () -> dial(address)));
        }
    }

    private WorkerConnection dial(WorkerAddress worker) {
        LifeSigns life = new LifeSigns(settings);
        WorkerConnection connection = new WorkerConnection(worker, token.shown(), settings, metrics, life);
        ChannelFuture connecting = bootstrap
                .clone()
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connection.bind(channel);
                        channel.pipeline().addLast(life, new MessageDecoder(), new MessageEncoder(), connection);
                    }
                })
                .connect(worker.host(), worker.port());
        connection.bind(connecting.channel());
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                connection.notConnected(done.cause());
            }
        });
        return connection;
    }

    /** Where received bytes are kept. */
    PooledByteBufAllocator buffers() {
        return buffers;
    }

    /** Closes every connection; reads in flight fail. Ends within a bound. */
    @Override
    public void close() {
        List<WorkerLink> open;
        synchronized (links) {
            closed = true;
            open = List.copyOf(links.values());
            links.clear();
        }
        open.forEach(WorkerLink::close);
        loops.shutdownGracefully(0, CLOSE_MS_MAX, TimeUnit.MILLISECONDS).awaitUninterruptibly(2 * CLOSE_MS_MAX);
    }

    /** A fetch as one read a block. */
    private final class Blocks {
        private final Transfer transfer;
        private final RequestContext context;
        private final ObjectRef object;
        private final ObjectId id;
        private boolean redialled;

        Blocks(Transfer transfer, RequestContext context, ObjectRef object, ObjectId id) {
            this.transfer = transfer;
            this.context = context;
            this.object = object;
            this.id = id;
        }

        void next() {
            List<WorkerLink> up = upLinks(id, Geometry.blockOf(transfer.offset()));
            if (up.isEmpty()) {
                String line = directory.isEmpty() ? "no worker is known" : "no worker for these bytes is up";
                transfer.fail(new HearthException(FailureKind.UNAVAILABLE, line));
            } else {
                read(up, 0);
            }
        }

        private void read(List<WorkerLink> up, int turn) {
            CompletableFuture<WorkerConnection> connected = up.get(turn).connection();
            transfer.step(connected, connection -> read(connection, up, turn), failure -> after(failure, up, turn));
        }

        private void read(WorkerConnection connection, List<WorkerLink> up, int turn) {
            long blockEnd = Geometry.blockOffset(Geometry.blockOf(transfer.offset())) + Geometry.BLOCK_BYTES;
            int length = (int) Math.min(transfer.remaining(), blockEnd - transfer.offset());
            CompletableFuture<Void> read =
                    connection.read(context, object, transfer.offset(), length, transfer.counting(metrics::fromWorker));
            transfer.onEnd(read, this::next, failure -> {
                if (connection.leftIdle() && !redialled) {
                    redialled = true; // It was never sent: it crossed with the worker's end of an idle connection.
                    read(up, turn);
                } else {
                    after(failure, up, turn);
                }
            });
        }

        private void after(HearthException failure, List<WorkerLink> up, int turn) {
            boolean unreachable = failure.kind() == FailureKind.UNAVAILABLE;
            if (unreachable && turn + 1 < up.size()) {
                read(up, turn + 1);
            } else {
                transfer.fail(failure);
            }
        }
    }
}
