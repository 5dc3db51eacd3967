package io.hearth.objectstore.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What goes over the wire. */
class S3RequestsTest {
    private static final Validator ETAG = new Validator.StrongEtag("\"v1\"");

    private final OriginMetrics metrics = new OriginMetrics(new SimpleMeterRegistry());
    private final OriginSettings settings = new SettingsBinder(Path.of(""))
            .bind(
                    OriginSettings.class,
                    Map.of("origin.stall-timeout", "200ms", "origin.backoff-base", "1ms", "origin.attempts", "3"));
    private final S3ObjectStores stores = new S3ObjectStores(settings, metrics);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        stores.close();
        timer.shutdownNow();
    }

    @Test
    void anonymousRequestsCarryNoSignature() {
        get(new Credentials.Anonymous(), Optional.empty(), ETAG);
        assertTrue(!only().headers().containsKey("Authorization"), () -> only().toString());
    }

    @Test
    void signsForTheDefaultRegionOfAnEndpoint() {
        get(new Credentials.Keys("id", "secret", Optional.empty()), Optional.empty(), ETAG);
        assertTrue(only().header("Authorization").matches(".*Credential=id/[0-9]{8}/us-east-1/s3/.*"));
    }

    @Test
    void signsForTheGivenRegionWithTheSessionToken() {
        get(new Credentials.Keys("id", "secret", Optional.of("token")), Optional.of("eu-west-7"), ETAG);
        assertTrue(only().header("Authorization").contains("/eu-west-7/s3/"));
        assertEquals("token", only().header("X-Amz-Security-Token"));
    }

    @Test
    void asksForTheRangeOfTheVersion() {
        get(new Credentials.Anonymous(), Optional.empty(), ETAG);
        assertEquals("/bucket/dir/k%20%2B", only().uri().getRawPath());
        assertEquals("bytes=100-299", only().header("Range"));
        assertEquals("\"v1\"", only().header("If-Match"));
    }

    @Test
    void asksForAVersionIdInTheQuery() {
        get(new Credentials.Anonymous(), Optional.empty(), new Validator.VersionId("abc"));
        assertEquals("versionId=abc", only().uri().getQuery());
    }

    @Test
    void asksForATimeRoundedUpToTheNextSecond() {
        get(new Credentials.Anonymous(), Optional.empty(), new Validator.LastModified(1_700_000_000_000L));
        assertEquals("Tue, 14 Nov 2023 22:13:21 GMT", only().header("If-Unmodified-Since"));
    }

    @Test
    void writesADayOfTheMonthWithTwoDigits() {
        get(new Credentials.Anonymous(), Optional.empty(), new Validator.LastModified(1_701_600_000_000L));
        assertEquals("Sun, 03 Dec 2023 10:40:01 GMT", only().header("If-Unmodified-Since"));
    }

    @Test
    void aStalledRangeIsResumedAfterItsLastByteOnANewRequest() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger received = new AtomicInteger();
        StubServer.Answer answer = exchange -> {
            note(exchange);
            if (seen.size() == 1) {
                StubServer.range(206, "bytes 100-299/1000", 200, 50).to(exchange);
                await(over);
            } else {
                StubServer.range(206, "bytes 150-299/1000", 150, 150).to(exchange);
            }
        };
        try (StubServer server = new StubServer(answer);
                ObjectStore store = stores.open(server.access())) {
            new RangeFetch(settings, metrics, new Random(1), timer)
                    .fetch(store, range(ETAG), bytes -> {
                        received.addAndGet(bytes.remaining());
                        return CompletableFuture.completedStage(null);
                    })
                    .get(10, TimeUnit.SECONDS);
        } finally {
            over.countDown();
        }
        assertEquals(
                List.of("bytes=100-299", "bytes=150-299"),
                seen.stream().map(request -> request.header("Range")).toList());
        assertEquals(200, received.get());
    }

    private void get(Credentials credentials, Optional<String> region, Validator validator) {
        StubServer.Answer answer = exchange -> {
            note(exchange);
            StubServer.error(500, "InternalError", "").to(exchange);
        };
        try (StubServer server = new StubServer(answer)) {
            OriginSpec origin = new OriginSpec("bucket", "", Optional.of(server.endpoint()), region, true);
            try (ObjectStore store = stores.open(new OriginAccess(origin, credentials))) {
                store.get(range(validator), bytes -> CompletableFuture.completedStage(null))
                        .handle((nothing, failure) -> failure)
                        .join();
            }
        }
    }

    private void note(HttpExchange exchange) {
        seen.add(new Seen(exchange.getRequestURI(), exchange.getRequestHeaders()));
    }

    private Seen only() {
        assertEquals(1, seen.size(), seen::toString);
        return seen.get(0);
    }

    private static RangeRequest range(Validator validator) {
        return new RangeRequest("dir/k +", validator, 1000, 100, 200);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private record Seen(URI uri, Headers headers) {
        String header(String name) {
            return String.valueOf(headers.getFirst(name));
        }
    }
}
