package io.hearth.prefetch;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.util.EventLoopGroups;
import io.hearth.cluster.ClusterStore;
import io.hearth.master.Master;
import io.hearth.master.OwnedThreads;
import io.hearth.master.RandomIds;
import io.hearth.master.api.ApiPart;
import io.hearth.master.api.TokenShown;
import io.hearth.prefetch.round.ShareClient;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The load engine beside a master. The caller owns the master, the store and the HTTP server: it starts this after the
 * master, gives {@link #api} to the server, and closes this before the master. Thread-safe.
 */
public final class Loads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Loads.class);
    private static final int PLANNERS = 2;
    private static final long TICK_SECONDS = 10;
    private static final long CLIENT_CLOSE_MS = 2000;
    private static final long ANSWER_BYTES_MAX = 32L << 20;
    private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int SUFFIX_CHARS = 5;

    private final EventLoopGroup clientLoop;
    private final ClientFactory clients;
    private final ExecutorService planners;
    private final ThreadPoolExecutor runners;
    private final ScheduledThreadPoolExecutor clockThread;
    private final LoadWatches watches;
    private final LoadSettings settings;
    private final LoadEngine engine;
    private final ApiPart api;
    private volatile boolean closed;

    private Loads(
            LoadSettings settings,
            Master master,
            ClusterStore store,
            MeterRegistry registry,
            Clock clock,
            ClusterToken token) {
        this.settings = settings;
        LoadMetrics metrics = new LoadMetrics(registry);
        SecureRandom random = new SecureRandom();
        clientLoop = EventLoopGroups.newEventLoopGroup(1, "hearth-loads-client", true);
        clients = ClientFactory.builder().workerGroup(clientLoop, false).build();
        WebClient client = WebClient.builder()
                .factory(clients)
                .decorator(new TokenShown(token))
                .maxResponseLength(ANSWER_BYTES_MAX)
                .build();
        planners = pool(PLANNERS, new ArrayBlockingQueue<>(settings.planningQueue()), "hearth-loads-plan-");
        // Without a bound of its own: only loads that are kept wait here, and those of an earlier life always may.
        runners = pool(settings.runningMax(), new LinkedBlockingQueue<>(), "hearth-loads-run-");
        clockThread = new ScheduledThreadPoolExecutor(1, OwnedThreads.named("hearth-loads-clock-"));
        watches = new LoadWatches(settings.watchesMax(), metrics.watches);
        LoadParts parts = new LoadParts(
                master.trees(),
                master.workers(),
                new LoadStore(store),
                new ShareClient(client, settings.requestTimeout()),
                new RandomIds(),
                settings,
                metrics,
                clock);
        engine = new LoadEngine(parts, this::plan, this::work, suffixes(random), () -> closed);
        api = new LoadRoutes(engine, watches, settings.requestMax().bytes(), metrics.api).part();
    }

    /**
     * Takes up the loads that had not ended, and begins.
     *
     * @param token shown to workers
     */
    public static Loads start(
            LoadSettings settings,
            Master master,
            ClusterStore store,
            MeterRegistry registry,
            Clock clock,
            ClusterToken token) {
        Loads loads = new Loads(settings, master, store, registry, clock, token);
        try {
            loads.engine.restore();
            loads.clockThread.scheduleWithFixedDelay(loads::tick, TICK_SECONDS, TICK_SECONDS, TimeUnit.SECONDS);
            return loads;
        } catch (RuntimeException e) {
            loads.close();
            throw e;
        }
    }

    /** The operations of loads. */
    public ApiPart api() {
        return api;
    }

    private void plan(Runnable task) {
        try {
            planners.execute(task);
        } catch (RejectedExecutionException e) {
            throw new HearthException(
                    closed ? FailureKind.UNAVAILABLE : FailureKind.OVERLOADED,
                    closed ? "the master is shutting down" : "too many new loads at once: try again",
                    e);
        }
    }

    private void work(LoadRun run) {
        run.load().ended().thenRun(() -> runners.remove(run)); // One that was cancelled while it waited.
        try {
            runners.execute(run);
        } catch (RejectedExecutionException e) {
            LOG.info("load {} goes on after the next start", run.load().status().name());
        }
    }

    private void tick() {
        try {
            watches.keepAlive();
            engine.expire();
        } catch (RuntimeException e) {
            LOG.warn("looking after loads: {}", HearthException.of(e).getMessage());
        }
    }

    private static Supplier<String> suffixes(SecureRandom random) {
        return () -> random.ints(SUFFIX_CHARS, 0, SUFFIX_LETTERS.length())
                .mapToObj(index -> SUFFIX_LETTERS.substring(index, index + 1))
                .reduce("", String::concat);
    }

    private static ThreadPoolExecutor pool(int threads, BlockingQueue<Runnable> queue, String name) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 30, TimeUnit.SECONDS, queue, OwnedThreads.named(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Ends watches, and leaves loads at work to the next start, within {@code loads.close-timeout}. */
    @Override
    public void close() {
        closed = true;
        clockThread.shutdownNow();
        watches.close();
        planners.shutdown();
        runners.shutdown();
        OwnedThreads.awaitEnd(runners, settings.closeTimeout());
        clients.close();
        // Netty's own default would wait two quiet seconds.
        clientLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(CLIENT_CLOSE_MS);
    }
}
