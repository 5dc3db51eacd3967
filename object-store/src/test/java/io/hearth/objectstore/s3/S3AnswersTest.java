package io.hearth.objectstore.s3;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of answers that no good store gives. */
class S3AnswersTest {
    private static final RangeRequest RANGE =
            new RangeRequest("key", new Validator.StrongEtag("\"v1\""), 1000, 100, 200);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OriginMetrics metrics = new OriginMetrics(meters);
    /** As patient as a process is: where nothing is to time out, a slow machine must not matter. */
    private final S3ObjectStores stores = stores(Map.of());

    private S3ObjectStores stores(Map<String, String> settings) {
        return new S3ObjectStores(new SettingsBinder(Path.of("")).bind(OriginSettings.class, settings), metrics);
    }

    @AfterEach
    void stop() {
        stores.close();
    }

    @ParameterizedTest
    @CsvSource({
        "206, bytes 100-299/1000, 200, 200, OK",
        "206, bytes 100-299/1001, 200, 200, STALE",
        "206, bytes 100-298/1000, 199, 199, CORRUPT",
        "206, bytes 0-199/1000,   200, 200, CORRUPT",
        "206, '',                 200, 200, CORRUPT",
        "206, bytes 100-299/1000, 199, 199, CORRUPT",
        "206, bytes 100-299/1000, 201, 201, CORRUPT",
        "206, bytes 100-299/1000, 200, 199, UNAVAILABLE",
        "206, bytes 100-299/1000, 0,   199, UNAVAILABLE",
        "206, bytes 100-299/1000, 0,   201, CORRUPT",
        "200, '',                1000, 1000, CORRUPT",
    })
    void takesNothingButTheRange(int status, String range, int announced, int sent, String outcome) throws Exception {
        AtomicInteger received = new AtomicInteger();
        Optional<HearthException> failure = get(RANGE, StubServer.range(status, range, announced, sent), received);
        assertEquals(outcome, failure.map(thrown -> thrown.kind().name()).orElse("OK"), failure::toString);
        assertTrue(received.get() <= 200, "bytes beyond the range given to the sink");
        assertEquals(0, meters.get("hearth.origin.in.flight").gauge().value());
    }

    @ParameterizedTest
    @CsvSource({"1000, OK", "999, STALE"})
    void takesAWholeObjectWithoutARange(int bytes, String outcome) throws Exception {
        RangeRequest whole = new RangeRequest("key", RANGE.validator(), 1000, 0, 1000);
        Optional<HearthException> failure = get(whole, StubServer.range(200, "", bytes, bytes), new AtomicInteger());
        assertEquals(outcome, failure.map(thrown -> thrown.kind().name()).orElse("OK"), failure::toString);
    }

    @Test
    void takesNoOtherVersionThoughTheStoreIgnoresIfMatch() throws Exception {
        RangeRequest other = new RangeRequest("key", new Validator.StrongEtag("\"v0\""), 1000, 100, 200);
        Optional<HearthException> failure =
                get(other, StubServer.range(206, "bytes 100-299/1000", 200, 200), new AtomicInteger());
        assertEquals(FailureKind.STALE, failure.orElseThrow().kind());
    }

    @ParameterizedTest
    @CsvSource({
        "403, InvalidAccessKeyId,    '',                              DENIED,      access key id",
        "403, SignatureDoesNotMatch, '',                              DENIED,      secret access key",
        "403, AccessDenied,          '',                              DENIED,      may read",
        "400, ExpiredToken,          '',                              DENIED,      new credentials",
        "404, NoSuchBucket,          '',                              NOT_FOUND,   no bucket 'bucket'",
        "404, NoSuchKey,             '',                              STALE,       deleted",
        "404, NoSuchVersion,         '',                              STALE,       deleted",
        "412, PreconditionFailed,    '',                              STALE,       overwritten",
        "416, InvalidRange,          '',                              STALE,       shorter",
        "301, PermanentRedirect,     x-amz-bucket-region: eu-west-7,  INVALID,     region eu-west-7",
        "400, AuthorizationHeaderMalformed, x-amz-bucket-region: eu-west-7, INVALID, region eu-west-7",
        "400, BadRequest,            '',                              INVALID,     stub",
        "429, TooManyRequests,       '',                              OVERLOADED,  slow down",
        "503, SlowDown,              '',                              OVERLOADED,  slow down",
        "503, ServiceUnavailable,    '',                              OVERLOADED,  503",
        "500, InternalError,         '',                              OVERLOADED,  500",
        "502, BadGateway,            '',                              UNAVAILABLE, 502",
        "504, GatewayTimeout,        '',                              TIMEOUT,     gave up",
    })
    void saysWhatAnErrorMeans(int status, String code, String header, FailureKind kind, String words) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        StubServer.Answer answer = StubServer.error(status, code, header);
        HearthException failure = get(
                        RANGE,
                        exchange -> {
                            requests.incrementAndGet();
                            answer.to(exchange);
                        },
                        new AtomicInteger())
                .orElseThrow();
        assertEquals(kind, failure.kind(), failure::getMessage);
        assertTrue(failure.getMessage().contains(words), failure::getMessage);
        assertEquals(1, requests.get(), "the SDK retried on its own");
    }

    @Test
    void countsRequestsByStatus() throws Exception {
        get(RANGE, StubServer.error(412, "PreconditionFailed", ""), new AtomicInteger());
        get(RANGE, StubServer.error(500, "InternalError", ""), new AtomicInteger());
        get(RANGE, StubServer.range(206, "bytes 100-299/1000", 200, 200), new AtomicInteger());
        for (String status : new String[] {"412", "5xx", "2xx"}) {
            assertEquals(
                    1,
                    meters.get("hearth.origin.requests")
                            .tags("operation", "get", "status", status)
                            .counter()
                            .count(),
                    status);
        }
        assertEquals(200, meters.get("hearth.origin.read").counter().count());
    }

    @Test
    void aStoreThatDoesNotAnswerTimesOut() throws Exception {
        try (ServerSocket silent = new ServerSocket(0);
                S3ObjectStores impatient = stores(Map.of("origin.first-byte-timeout", "300ms"))) {
            ObjectStore store = impatient.open(access("http://127.0.0.1:" + silent.getLocalPort()));
            HearthException failure = failure(store.get(RANGE, bytes -> CompletableFuture.completedStage(null)));
            assertEquals(FailureKind.TIMEOUT, failure.kind(), failure::getMessage);
            try (Socket connection = silent.accept()) {
                connection.setSoTimeout(10_000);
                byte[] request = new byte[65_536];
                int read;
                do {
                    read = connection.getInputStream().read(request);
                } while (read >= 0);
                // The end of the stream: the request that timed out does not go on holding a connection.
            }
        }
    }

    @Test
    void aRangeThatTricklesTimesOut() throws Exception {
        AtomicInteger received = new AtomicInteger();
        StubServer.Answer trickle = exchange -> {
            StubServer.range(206, "bytes 100-299/1000", 200, 7).to(exchange);
            try {
                Thread.sleep(5_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        try (S3ObjectStores impatient = stores(Map.of("origin.attempt-timeout", "600ms"))) {
            HearthException failure = get(impatient, RANGE, trickle, received).orElseThrow();
            assertEquals(FailureKind.TIMEOUT, failure.kind(), failure::getMessage);
        }
        assertEquals(7, received.get());
    }

    @Test
    void namesAnEndpointThatRefuses() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        HearthException failure =
                failure(stores.open(access("http://127.0.0.1:" + port)).head("key"));
        assertEquals(FailureKind.UNAVAILABLE, failure.kind());
        assertTrue(failure.getMessage().contains("127.0.0.1:" + port + " refuses"), failure::getMessage);
    }

    @Test
    void namesAnUnknownHost() {
        HearthException failure =
                failure(stores.open(access("http://no-such-host.invalid:9000")).head("key"));
        assertEquals(FailureKind.UNAVAILABLE, failure.kind(), failure::getMessage);
        assertTrue(failure.getMessage().contains("unknown"), failure::getMessage);
    }

    @Test
    void namesTlsWhereThereIsNone() throws Exception {
        try (ServerSocket plain = new ServerSocket(0)) {
            CompletableFuture<?> head = stores.open(access("https://127.0.0.1:" + plain.getLocalPort()))
                    .head("key");
            try (Socket connection = plain.accept()) {
                connection.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                HearthException failure = failure(head);
                assertEquals(FailureKind.UNAVAILABLE, failure.kind(), failure::getMessage);
                assertTrue(failure.getMessage().contains("TLS"), failure::getMessage);
            }
        }
    }

    @Test
    void aClosedStoreFailsWhatIsInFlight() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            ObjectStore store = stores.open(access("http://127.0.0.1:" + silent.getLocalPort()));
            CompletableFuture<?> waiting = store.head("key");
            store.close();
            assertEquals(FailureKind.UNAVAILABLE, failure(waiting).kind());
            assertEquals(FailureKind.UNAVAILABLE, failure(store.head("key")).kind());
        }
    }

    @Test
    void refusesMoreRequestsThanAreAllowedAtOnce() throws IOException {
        OriginSettings one = new SettingsBinder(Path.of("")).bind(OriginSettings.class, Map.of("origin.requests", "1"));
        try (ServerSocket silent = new ServerSocket(0);
                S3ObjectStores few = new S3ObjectStores(one, new OriginMetrics(new SimpleMeterRegistry()))) {
            ObjectStore store = few.open(access("http://127.0.0.1:" + silent.getLocalPort()));
            CompletableFuture<?> first = store.head("key");
            assertEquals(FailureKind.OVERLOADED, failure(store.head("key")).kind());
            first.cancel(true);
            assertTrue(!store.head("key").isDone(), "a request that is over must make room");
        }
    }

    @Test
    void closingTheFactoryClosesItsStores() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            ObjectStore store = stores.open(access("http://127.0.0.1:" + silent.getLocalPort()));
            CompletableFuture<?> waiting = store.head("key");
            stores.close();
            assertEquals(FailureKind.UNAVAILABLE, failure(waiting).kind());
            assertEquals(FailureKind.UNAVAILABLE, failure(store.head("key")).kind());
        }
    }

    private Optional<HearthException> get(RangeRequest range, StubServer.Answer answer, AtomicInteger received)
            throws Exception {
        return get(stores, range, answer, received);
    }

    private static Optional<HearthException> get(
            S3ObjectStores from, RangeRequest range, StubServer.Answer answer, AtomicInteger received)
            throws Exception {
        try (StubServer server = new StubServer(answer);
                ObjectStore store = from.open(server.access())) {
            CompletableFuture<Void> got = store.get(range, bytes -> {
                received.addAndGet(bytes.remaining());
                return CompletableFuture.completedStage(null);
            });
            try {
                got.get(10, TimeUnit.SECONDS);
                return Optional.empty();
            } catch (ExecutionException e) {
                return Optional.of(HearthException.of(e));
            }
        }
    }

    private static OriginAccess access(String endpoint) {
        return new OriginAccess(
                new OriginSpec("bucket", "", Optional.of(URI.create(endpoint)), Optional.empty(), true),
                new Credentials.Anonymous());
    }

    private static HearthException failure(CompletableFuture<?> future) {
        return HearthException.of(assertThrows(ExecutionException.class, () -> future.get(10, TimeUnit.SECONDS)));
    }
}
