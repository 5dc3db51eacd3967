package io.hearth.objectstore.s3.http;

import static io.hearth.objectstore.s3.http.ScriptedServer.ascii;
import static io.hearth.objectstore.s3.http.ScriptedServer.plain;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.OriginMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.SdkHttpMethod;

/**
 * Whatever a server does, the bytes are right or there is a failure, and no buffer is kept: they are counted after each
 * test.
 */
class NettyHttpClientTest {
    private static final int READ_BYTES = 16 << 10;
    /** More than the sockets of both sides hold. */
    private static final int BIG_BYTES = 16 << 20;

    private static final long WAIT_S = 20;
    private static final ResourceLeakDetector.Level LEVEL = ResourceLeakDetector.getLevel();

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OriginMetrics metrics = new OriginMetrics(meters);
    private final PooledByteBufAllocator buffers = new PooledByteBufAllocator(true, 0, 1, 8192, 6, 0, 0, false);
    private final ExecutorService blocking = Executors.newCachedThreadPool();
    private NettyHttpClient client = client(4, Duration.ofSeconds(WAIT_S));

    @BeforeAll
    static void lookAtEveryBuffer() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @AfterAll
    static void lookAsBefore() {
        ResourceLeakDetector.setLevel(LEVEL);
    }

    @AfterEach
    void keepsNoBuffer() throws Exception {
        await("buffers given back", () -> held() == 0);
        client.close();
        blocking.shutdownNow();
        await("connections closed", () -> gauge("hearth.origin.connections") == 0);
    }

    private NettyHttpClient client(int connections, Duration wait) {
        return new NettyHttpClient(
                new HttpLimits(connections, READ_BYTES, 1, Duration.ofSeconds(5), wait, Duration.ofSeconds(WAIT_S)),
                metrics,
                blocking,
                () -> {
                    throw new IllegalStateException("no TLS here");
                },
                buffers);
    }

    @Test
    void givesAnAnswerAsItIsAndUsesTheConnectionAgain() throws Exception {
        byte[] body = random(100_000, 1);
        try (ScriptedServer server = new ScriptedServer(plain(body))) {
            for (Reading reading : new Reading[] {Reading.eager(), Reading.stepwise(), Reading.stepwise()}) {
                get(server, reading).get(WAIT_S, TimeUnit.SECONDS);
                assertArrayEquals(body, reading.bytes());
                assertEquals(200, reading.head.join().statusCode());
                reading.body.get(WAIT_S, TimeUnit.SECONDS);
            }
            assertEquals(1, server.connections());
            assertEquals(1, counter("hearth.origin.connections.opened"));
            assertTrue(
                    server.requests().peek().startsWith("GET /bucket/k%20y?a=b HTTP/1.1\r\n"), server.requests()::peek);
            assertTrue(server.requests().peek().toLowerCase().contains("\r\nhost: 127.0.0.1:" + server.port()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void givesRandomAnswersToRandomReaders(int seed) throws Exception {
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        byte[] body = random(random.nextInt(300_000), seed);
        boolean chunked = random.nextBoolean();
        long script = random.nextLong();
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            Random pieces = new Random(script);
            out.write(ascii("HTTP/1.1 200 OK\r\nX-A: b\r\n"));
            out.write(ascii(
                    chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: " + body.length + "\r\n\r\n"));
            for (int at = 0; at < body.length; ) {
                int count = Math.min(1 + pieces.nextInt(50_000), body.length - at);
                out.write(ascii(chunked ? Integer.toHexString(count) + "\r\n" : ""));
                out.write(body, at, count);
                out.write(ascii(chunked ? "\r\n" : ""));
                at += count;
            }
            out.write(ascii(chunked ? "0\r\n\r\n" : ""));
            return true;
        })) {
            for (int i = 0; i < 5; i++) {
                boolean later = random.nextBoolean();
                Reading reading = new Reading(
                        (subscription, copy) -> {
                            Runnable take = () -> {
                                copy.run();
                                subscription.request(1);
                            };
                            if (later) {
                                blocking.execute(take);
                            } else {
                                take.run();
                            }
                        },
                        false);
                get(server, reading).get(WAIT_S, TimeUnit.SECONDS);
                assertArrayEquals(body, reading.bytes());
            }
            assertEquals(1, server.connections());
        }
    }

    /**
     * Eight times as many at once as there are connections: each ends, with its bytes or with its reader's own wish.
     */
    @ParameterizedTest
    @ValueSource(ints = {11, 12, 13})
    void manyAtOnceOfWhichSomeGiveUp(int seed) throws Exception {
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        byte[] body = random(200_000, seed);
        try (ScriptedServer server = new ScriptedServer(plain(body))) {
            for (int batch = 0; batch < 10; batch++) {
                List<Reading> whole = new ArrayList<>();
                List<Reading> givenUp = new ArrayList<>();
                for (int i = 0; i < 32; i++) {
                    int whim = random.nextInt(6);
                    boolean later = random.nextBoolean();
                    Reading reading = new Reading(
                            (subscription, copy) -> {
                                Runnable take = () -> {
                                    copy.run();
                                    if (whim == 0) {
                                        subscription.cancel();
                                    } else {
                                        subscription.request(1);
                                    }
                                };
                                if (later) {
                                    blocking.execute(take);
                                } else {
                                    take.run();
                                }
                            },
                            false);
                    get(server, reading);
                    if (whim == 1) {
                        reading.result.cancel(true);
                    }
                    (whim < 2 ? givenUp : whole).add(reading);
                }
                for (Reading reading : whole) {
                    reading.result.get(WAIT_S, TimeUnit.SECONDS);
                    assertArrayEquals(body, reading.bytes());
                }
                for (Reading reading : givenUp) {
                    await("an end", reading.result::isDone);
                }
                assertTrue(gauge("hearth.origin.connections") <= 4, "too many connections");
            }
        }
    }

    @Test
    void readsNoFurtherThanTheReaderHasAsked() throws Exception {
        byte[] body = random(BIG_BYTES, 2);
        try (ScriptedServer server = new ScriptedServer(plain(body))) {
            CompletableFuture<Runnable> first = new CompletableFuture<>();
            Reading reading = new Reading(
                    (subscription, copy) -> {
                        if (!first.complete(copy)) {
                            copy.run();
                            subscription.request(1);
                        }
                    },
                    false);
            CompletableFuture<Void> result = get(server, reading);
            Runnable copy = first.get(WAIT_S, TimeUnit.SECONDS);
            await("the server goes on", () -> server.written() > 10 * READ_BYTES);
            assertEquals(1, held());
            assertTrue(server.written() < body.length, "the whole body went somewhere");
            copy.run();
            reading.subscription.join().request(1);
            result.get(WAIT_S, TimeUnit.SECONDS);
            assertArrayEquals(body, reading.bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 1000\r\n\r\n1234", "Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n"})
    void aBodyThatIsCutOffFailsAfterItsBytes(String answer) throws Exception {
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            out.write(ascii("HTTP/1.1 200 OK\r\n" + answer));
            return false;
        })) {
            Reading reading = Reading.stepwise();
            assertInstanceOf(IOException.class, failure(get(server, reading)));
            assertTrue(reading.body.isCompletedExceptionally());
            assertArrayEquals(ascii("1234"), reading.bytes());
        }
    }

    @Test
    void moreBytesThanAnnouncedAreNobodys() throws Exception {
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12345678"));
            return true;
        })) {
            for (int i = 0; i < 3; i++) {
                Reading reading = Reading.stepwise();
                get(server, reading).get(WAIT_S, TimeUnit.SECONDS);
                assertArrayEquals(ascii("1234"), reading.bytes());
            }
            assertTrue(server.connections() > 1, "what follows them was taken for an answer");
        }
    }

    @Test
    void stepsOverInformationalAnswers() throws Exception {
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            out.write(ascii("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"));
            out.flush();
            out.write(ascii("HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            for (int i = 0; i < 2; i++) {
                Reading reading = Reading.stepwise();
                get(server, reading).get(WAIT_S, TimeUnit.SECONDS);
                assertEquals(206, reading.head.join().statusCode());
                assertArrayEquals(ascii("ok"), reading.bytes());
            }
            assertEquals(1, server.connections());
        }
    }

    @Test
    void answersWithoutABodyEndAtOnce() throws Exception {
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            out.write(ascii(
                    head.startsWith("HEAD")
                            ? "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n"
                            : "HTTP/1.1 204 No Content\r\n\r\n"));
            return true;
        })) {
            for (SdkHttpMethod method : new SdkHttpMethod[] {SdkHttpMethod.HEAD, SdkHttpMethod.GET}) {
                Reading reading = Reading.eager().start(client, method, url(server));
                reading.result.get(WAIT_S, TimeUnit.SECONDS);
                reading.body.get(WAIT_S, TimeUnit.SECONDS);
                assertEquals(0, reading.bytes().length);
            }
            assertEquals(1, server.connections());
        }
    }

    @Test
    void aConnectionThatTheServerWillCloseIsNotUsedAgain() throws Exception {
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            out.write(ascii("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            get(server, Reading.eager()).get(WAIT_S, TimeUnit.SECONDS);
            get(server, Reading.eager()).get(WAIT_S, TimeUnit.SECONDS);
            assertEquals(2, server.connections());
        }
    }

    @Test
    void aKeptConnectionThatEndsWithoutAnAnswerCostsTheRequestNothing() throws Exception {
        AtomicInteger heads = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            // The second request is read and gets no answer: what a server's idle time-out may look like.
            if (heads.incrementAndGet() == 2) {
                return false;
            }
            out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            get(server, Reading.eager()).get(WAIT_S, TimeUnit.SECONDS);
            get(server, Reading.eager()).get(WAIT_S, TimeUnit.SECONDS);
            assertEquals(3, heads.get());
            assertEquals(2, server.connections());
        }
    }

    @Test
    void aKeptConnectionThatTheServerClosesIsForgotten() throws Exception {
        try (ScriptedServer server = new ScriptedServer(plain(ascii("ok")))) {
            get(server, Reading.eager()).get(WAIT_S, TimeUnit.SECONDS);
            server.disconnect();
            await("closed here too", () -> gauge("hearth.origin.connections") == 0);
            get(server, Reading.eager()).get(WAIT_S, TimeUnit.SECONDS);
            assertEquals(2, server.requests().size());
        }
    }

    @Test
    void noAnswerAtAllIsAFailure() throws Exception {
        try (ScriptedServer server = new ScriptedServer((head, out) -> false)) {
            Reading reading = Reading.eager();
            assertInstanceOf(IOException.class, failure(get(server, reading)));
            assertInstanceOf(IOException.class, reading.error.get(WAIT_S, TimeUnit.SECONDS));
            assertEquals(1, server.requests().size());
        }
    }

    @Test
    void whatIsNoHttpIsAFailure() throws Exception {
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            out.write(ascii("SSH-2.0-OpenSSH_9.6\r\n\r\n"));
            return true;
        })) {
            Throwable failure = failure(get(server, Reading.eager()));
            assertTrue(failure.getMessage().contains("no HTTP answer"), failure::toString);
        }
    }

    @Test
    void cancellingClosesTheConnectionAndTakesNothingBackThatIsLent() throws Exception {
        byte[] body = random(BIG_BYTES, 3);
        try (ScriptedServer server = new ScriptedServer(plain(body))) {
            CompletableFuture<Runnable> lent = new CompletableFuture<>();
            Reading reading = new Reading((subscription, copy) -> lent.complete(copy), false);
            CompletableFuture<Void> result = get(server, reading);
            Runnable copy = lent.get(WAIT_S, TimeUnit.SECONDS);
            result.cancel(true);
            await("connection closed", () -> server.ended() == 1);
            await("subscriber told", reading.body::isCompletedExceptionally);
            assertEquals(1, held());
            copy.run();
            assertArrayEquals(Arrays.copyOf(body, reading.bytes().length), reading.bytes());
            reading.subscription.join().cancel();
        }
    }

    @Test
    void aSubscriberThatCancelsClosesTheConnection() throws Exception {
        try (ScriptedServer server = new ScriptedServer(plain(random(BIG_BYTES, 4)))) {
            Reading reading = new Reading((subscription, copy) -> subscription.cancel(), false);
            assertInstanceOf(IOException.class, failure(get(server, reading)));
            await("connection closed", () -> server.ended() == 1);
        }
    }

    @Test
    void aRequestGivenUpWhileItWaitsForAConnectionIsNeverSent() throws Exception {
        client.close();
        client = client(1, Duration.ofSeconds(WAIT_S));
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            wait(go);
            out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            CompletableFuture<Void> first = get(server, Reading.eager());
            CompletableFuture<Void> second = get(server, Reading.eager());
            CompletableFuture<Void> third = get(server, Reading.eager());
            second.cancel(true);
            go.countDown();
            first.get(WAIT_S, TimeUnit.SECONDS);
            third.get(WAIT_S, TimeUnit.SECONDS);
            assertEquals(2, server.requests().size());
            assertEquals(1, server.connections());
        }
    }

    @Test
    void noMoreConnectionsThanAllowedAndAnEndToWaiting() throws Exception {
        client.close();
        client = client(2, Duration.ofMillis(200));
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((head, out) -> {
            wait(go);
            out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            CompletableFuture<Void> first = get(server, Reading.eager());
            CompletableFuture<Void> second = get(server, Reading.eager());
            assertInstanceOf(NoConnectionException.class, failure(get(server, Reading.eager())));
            go.countDown();
            CompletableFuture.allOf(first, second).get(WAIT_S, TimeUnit.SECONDS);
            assertEquals(2, server.connections());
        }
    }

    @Test
    void aConnectionThatIsFreeElsewhereMakesWay() throws Exception {
        client.close();
        client = client(1, Duration.ofSeconds(WAIT_S));
        try (ScriptedServer one = new ScriptedServer(plain(ascii("one")));
                ScriptedServer other = new ScriptedServer(plain(ascii("other")))) {
            for (int i = 0; i < 3; i++) {
                get(one, Reading.eager()).get(WAIT_S, TimeUnit.SECONDS);
                Reading reading = Reading.eager();
                get(other, reading).get(WAIT_S, TimeUnit.SECONDS);
                assertArrayEquals(ascii("other"), reading.bytes());
            }
            assertEquals(6, counter("hearth.origin.connections.opened"));
        }
    }

    @Test
    void closingFailsWhatIsUnderWay() throws Exception {
        try (ScriptedServer server = new ScriptedServer((head, out) -> true)) {
            CompletableFuture<Void> waiting = get(server, Reading.eager());
            await("request there", () -> !server.requests().isEmpty());
            client.close();
            assertInstanceOf(IOException.class, failure(waiting));
            assertInstanceOf(IOException.class, failure(get(server, Reading.eager())));
        }
    }

    @Test
    void speaksTlsWithWhomItTrusts(@TempDir Path directory) throws Exception {
        KeyStore keys = selfSigned(directory.resolve("keys.p12"));
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "changeit".toCharArray());
        SSLContext serving = SSLContext.getInstance("TLS");
        serving.init(own.getKeyManagers(), null, null);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        byte[] body = random(1 << 20, 5);
        try (ScriptedServer server = new ScriptedServer(
                serving.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress()),
                plain(body))) {
            String url = "https://localhost:" + server.port() + "/bucket/key";
            try (NettyHttpClient strange = tls(SslContextBuilder.forClient())) {
                Reading reading = Reading.eager().start(strange, SdkHttpMethod.GET, url);
                assertInstanceOf(SSLException.class, failure(reading.result));
            }
            try (NettyHttpClient friend = tls(SslContextBuilder.forClient().trustManager(trusted))) {
                for (int i = 0; i < 2; i++) {
                    Reading reading = Reading.stepwise().start(friend, SdkHttpMethod.GET, url);
                    reading.result.get(WAIT_S, TimeUnit.SECONDS);
                    assertArrayEquals(body, reading.bytes());
                }
                Reading wrongName =
                        Reading.eager().start(friend, SdkHttpMethod.GET, url.replace("localhost", "127.0.0.1"));
                assertInstanceOf(SSLException.class, failure(wrongName.result));
            }
        }
    }

    @Test
    void readsTheCertificatesOfThisMachine() {
        TrustedCertificates certificates = new TrustedCertificates();
        assertTrue(certificates.get().isClient());
        assertEquals(certificates.get(), certificates.get());
    }

    private NettyHttpClient tls(SslContextBuilder context) throws SSLException {
        var built = context.build();
        return new NettyHttpClient(
                new HttpLimits(
                        2,
                        READ_BYTES,
                        1,
                        Duration.ofSeconds(WAIT_S),
                        Duration.ofSeconds(WAIT_S),
                        Duration.ofSeconds(WAIT_S)),
                metrics,
                blocking,
                () -> built,
                buffers);
    }

    private static KeyStore selfSigned(Path file) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-validity",
                        "2",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(keytool.waitFor(60, TimeUnit.SECONDS), "keytool took too long");
        return KeyStore.getInstance(file.toFile(), "changeit".toCharArray());
    }

    private CompletableFuture<Void> get(ScriptedServer server, Reading reading) {
        return reading.start(client, SdkHttpMethod.GET, url(server)).result;
    }

    private static String url(ScriptedServer server) {
        return "http://127.0.0.1:" + server.port() + "/bucket/k%20y?a=b";
    }

    private static Throwable failure(CompletableFuture<?> future) {
        Throwable thrown = assertThrows(ExecutionException.class, () -> future.get(WAIT_S, TimeUnit.SECONDS))
                .getCause();
        return thrown instanceof CompletionException ? thrown.getCause() : thrown;
    }

    private static byte[] random(int count, long seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private long held() {
        return buffers.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    private double counter(String name) {
        return meters.get(name).counter().count();
    }

    private static void wait(CountDownLatch go) throws IOException {
        try {
            if (!go.await(WAIT_S, TimeUnit.SECONDS)) {
                throw new IOException("nobody let it go on");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNs, what);
            Thread.onSpinWait();
            Thread.yield();
        }
    }
}
