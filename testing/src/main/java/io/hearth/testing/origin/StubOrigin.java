package io.hearth.testing.origin;

import io.hearth.protocol.Credentials;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import io.hearth.testing.Content;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An object store on a port of loopback with limits of rate, latency and patience: path style, HEAD, ranged GETs with
 * {@code If-Match}, ListObjects in both versions; signatures are not looked at. One bucket, one event loop.
 * Thread-safe.
 */
public final class StubOrigin implements AutoCloseable {
    /** The one bucket. */
    public static final String BUCKET = "stub";

    private static final int TICK_MS = 5;
    private static final long CLOSE_MS_MAX = 2_000;
    /**
     * What waits in one connection's socket beyond the kernel's buffers; small, so that what is counted as sent was
     * sent.
     */
    private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(32 << 10, 256 << 10);

    private final StubBucket bucket = new StubBucket();
    private static final int OFFSETS_MAX = 65_536;

    private final AtomicLong bytes = new AtomicLong();
    private final Queue<Long> offsets = new LinkedBlockingQueue<>(OFFSETS_MAX);
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong gets = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong refusals = new AtomicLong();
    private final OriginLimits limits;
    private final SplittableRandom random;
    private final Pacer pacer;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;
    private int underWay;
    private long lastTickNs = System.nanoTime();

    /** @param seed decides which connections are slow */
    public StubOrigin(OriginLimits limits, long seed) {
        this.limits = limits;
        this.random = new SplittableRandom(seed);
        this.pacer = new Pacer(limits.totalBytesPerS());
        this.server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.incrementAndGet();
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 16), connection());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    }

    private StubConnection connection() {
        boolean slow = random.nextDouble() < limits.slowFraction();
        return new StubConnection(this, limits.connectionBytesPerS() / (slow ? limits.slowFactor() : 1));
    }

    private void tick() {
        long nowNs = System.nanoTime();
        pacer.tick((nowNs - lastTickNs) / 1e9);
        lastTickNs = nowNs;
    }

    /** Stores a new version, uploaded at once. */
    public void put(String key, Content content) {
        bucket.put(key, content, 0);
    }

    /** Stores a new version whose ETag says that it was uploaded in so many parts. */
    public void putInParts(String key, Content content, int parts) {
        bucket.put(key, content, parts);
    }

    public void delete(String key) {
        bucket.delete(key);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort());
    }

    /** Access to the bucket; any keys do. */
    public OriginAccess access() {
        OriginSpec spec = new OriginSpec(BUCKET, "", Optional.of(endpoint()), Optional.empty(), true);
        return new OriginAccess(spec, new Credentials.Keys("id", "secret", Optional.empty()));
    }

    public OriginCounts counts() {
        return new OriginCounts(bytes.get(), requests.get(), gets.get(), connections.get(), refusals.get());
    }

    /**
     * Where the GETs began since this was last asked, in the order in which they came; of more than 65,536, the first.
     */
    public List<Long> takeOffsets() {
        List<Long> taken = new ArrayList<>();
        for (Long next = offsets.poll(); next != null; next = offsets.poll()) {
            taken.add(next);
        }
        return taken;
    }

    OriginLimits limits() {
        return limits;
    }

    StubBucket bucket() {
        return bucket;
    }

    /** Counts a request in; false if there are too many. */
    boolean begin() {
        requests.incrementAndGet();
        if (underWay >= limits.requestsMax()) {
            refusals.incrementAndGet();
            return false;
        }
        underWay++;
        return true;
    }

    void end() {
        underWay--;
    }

    void send(Pacer.Transfer body, long offset) {
        gets.incrementAndGet();
        offsets.offer(offset);
        pacer.add(body);
    }

    void sent(int count) {
        bytes.addAndGet(count);
    }

    /** Ends connections and the event loop, within a bound. */
    @Override
    public void close() {
        server.close().awaitUninterruptibly(CLOSE_MS_MAX);
        loop.shutdownGracefully(0, CLOSE_MS_MAX, TimeUnit.MILLISECONDS).awaitUninterruptibly(2 * CLOSE_MS_MAX);
    }
}
