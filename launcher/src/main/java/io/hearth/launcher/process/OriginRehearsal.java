package io.hearth.launcher.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.objectstore.s3.S3ObjectStores;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads some ranges of zeros from this process itself, by the same engine and client as any origin's, in the
 * background: the SDK's classes and the native client are loaded and the code is compiled before the first reader
 * comes. Without it the first requests of a worker took 20 ms of a core each, and its first stream reached 0.83 of an
 * origin where the next ones reached 0.93. Its requests are in no metric. Ends by itself after {@link #REQUESTS_MAX} or
 * {@link #NS_MAX}, and by {@link #close}.
 */
final class OriginRehearsal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OriginRehearsal.class);

    private static final int RANGE_BYTES = 64 << 10;
    private static final int REQUESTS_MAX = 300;
    private static final long NS_MAX = TimeUnit.SECONDS.toNanos(5);
    private static final long CLOSE_MS_MAX = 2_000;
    private static final String BUCKET = "rehearsal";
    private static final Validator VALIDATOR = new Validator.StrongEtag("\"rehearsal\"");

    private final OriginSettings settings;
    private final Thread thread;
    private volatile boolean closed;

    private OriginRehearsal(OriginSettings settings) {
        this.settings = settings;
        this.thread = new Thread(this::run, "hearth-origin-rehearsal");
        thread.setDaemon(true);
    }

    static OriginRehearsal start(OriginSettings settings) {
        OriginRehearsal rehearsal = new OriginRehearsal(settings);
        rehearsal.thread.start();
        return rehearsal;
    }

    private void run() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", OriginRehearsal::answer);
            server.start();
            try {
                read(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
            } finally {
                server.stop(0);
            }
        } catch (IOException | ExecutionException | TimeoutException | RuntimeException e) {
            LOG.debug("the origin's client was not rehearsed; its first requests will be slower", e);
        } catch (InterruptedException e) {
            LOG.debug("the rehearsal of the origin's client was ended");
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String range = exchange.getRequestHeaders().getFirst("Range").substring("bytes=".length());
        exchange.getResponseHeaders().set("Content-Range", "bytes " + range + "/" + REQUESTS_MAX * RANGE_BYTES);
        exchange.getResponseHeaders().set("ETag", "\"rehearsal\"");
        exchange.sendResponseHeaders(206, RANGE_BYTES);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(new byte[RANGE_BYTES]);
        }
    }

    private void read(URI endpoint) throws InterruptedException, ExecutionException, TimeoutException {
        OriginMetrics metrics = new OriginMetrics(new SimpleMeterRegistry());
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
        timer.setRemoveOnCancelPolicy(true);
        OriginSpec origin = new OriginSpec(BUCKET, "", Optional.of(endpoint), Optional.empty(), true);
        // Any keys: a signature is computed as for an origin that wants one.
        Credentials keys = new Credentials.Keys("rehearsal", "rehearsal", Optional.empty());
        try (S3ObjectStores stores = new S3ObjectStores(settings, metrics);
                ObjectStore store = stores.open(new OriginAccess(origin, keys))) {
            RangeFetch ranges = new RangeFetch(settings, metrics, new Random(), timer);
            long startNs = System.nanoTime();
            for (int i = 0; i < REQUESTS_MAX && !closed && System.nanoTime() - startNs < NS_MAX; i++) {
                RangeRequest request = new RangeRequest(
                        "zeros", VALIDATOR, (long) REQUESTS_MAX * RANGE_BYTES, (long) i * RANGE_BYTES, RANGE_BYTES);
                ranges.fetch(store, request, bytes -> CompletableFuture.completedFuture(null))
                        .get(NS_MAX, TimeUnit.NANOSECONDS);
            }
        } finally {
            timer.shutdownNow();
        }
    }

    /** Ends it, within two seconds. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_MS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
