package io.hearth.master;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.hearth.cluster.ClusterSettings;
import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.IgniteClusterStore;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assertions;

/** A master with a real store and a real server, and a plain HTTP client. */
final class TestMaster implements AutoCloseable {
    static final Map<String, String> ENVIRONMENT = Map.of(
            "AWS_ACCESS_KEY_ID", "AKIDENV",
            "AWS_SECRET_ACCESS_KEY", "secret-of-env",
            "TEAM_ACCESS_KEY_ID", "AKIDTEAM",
            "TEAM_SECRET_ACCESS_KEY", "secret-of-team",
            "TEAM_SESSION_TOKEN", "token-of-team");

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final ClusterStore store;
    final Master master;
    private final Server server;

    TestMaster(Path home, ObjectStoreFactory stores, Map<String, String> settings) {
        Map<String, String> values = new HashMap<>(Map.of(
                "cluster.discovery-port", "0",
                "cluster.communication-port", "0",
                "master.refresh-tick", "50ms",
                "master.refresh-min", "100ms",
                "master.sweep-interval", "100ms",
                "master.generation-grace", "100ms",
                "master.eviction-timeout", "5s"));
        values.putAll(settings);
        SettingsBinder binder = new SettingsBinder(home);
        store = IgniteClusterStore.open(binder.bind(ClusterSettings.class, values), Clock.systemUTC());
        master = Master.start(
                binder.bind(MasterSettings.class, values),
                store,
                stores,
                registry,
                Clock.systemUTC(),
                ClusterToken.NONE,
                ENVIRONMENT);
        ServerBuilder builder = Server.builder().http(new InetSocketAddress("127.0.0.1", 0));
        server = master.install(builder).build();
        server.start().join();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.activeLocalPort() + path);
    }

    /** The routes of the API, as {@code GET /v1/things/{id}}. */
    Set<String> served() {
        Set<String> routes = new TreeSet<>();
        server.serviceConfigs()
                .forEach(config -> config.route().methods().forEach(method -> {
                    if (config.route().patternString().startsWith("/v1/")) {
                        routes.add(method + " " + config.route().patternString().replaceAll(":([a-z]+)", "{$1}"));
                    }
                }));
        return routes;
    }

    CompletableFuture<HttpResponse<byte[]>> sendLater(String method, String path, byte[] body) {
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body))
                .header("content-type", "application/json")
                .build();
        return CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> send(String method, String path, byte[] body) {
        try {
            return sendLater(method, path, body).get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(method + " " + path + " had no answer", e);
        }
    }

    <T> T get(String path, Class<T> type) {
        return ok(send("GET", path, new byte[0]), type);
    }

    <T> T post(String path, Object body, Class<T> type) {
        return ok(send("POST", path, Json.write(body)), type);
    }

    <T> T ok(HttpResponse<byte[]> answer, Class<T> type) {
        Assertions.assertTrue(answer.statusCode() < 300, answer.statusCode() + " " + new String(answer.body()));
        return Json.read(answer.body(), type);
    }

    ErrorDocument error(int status, String method, String path, String body) {
        HttpResponse<byte[]> answer = send(method, path, body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        String text = new String(answer.body());
        Assertions.assertEquals(status, answer.statusCode(), text);
        ErrorDocument error = Json.read(answer.body(), ErrorDocument.class);
        Assertions.assertEquals(status, error.status());
        Assertions.assertFalse(error.message().contains("\n") || error.message().contains("Exception"), text);
        return error;
    }

    /** Creates a dataset of one mount without options and waits until it is listed. */
    DatasetStatus createBound(String name, String mountPoint) {
        DatasetStatus created = ok(
                send(
                        "POST",
                        "/v1/namespaces/default/datasets",
                        spec(name, mountPoint).getBytes()),
                DatasetStatus.class);
        Assertions.assertEquals(DatasetStatus.PENDING, created.phase());
        return await(name, status -> status.phase().equals(DatasetStatus.BOUND));
    }

    static String spec(String name, String mountPoint) {
        return "{\"name\":\"" + name + "\",\"spec\":{\"mounts\":[{\"mountPoint\":\"" + mountPoint + "\"}]}}";
    }

    DatasetStatus describe(String name) {
        return get("/v1/namespaces/default/datasets/" + name, DatasetStatus.class);
    }

    DatasetStatus await(String name, Predicate<DatasetStatus> condition) {
        return await(() -> describe(name), condition);
    }

    /** Asks again and again, at most 15 s. */
    static <T> T await(Supplier<T> ask, Predicate<T> condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        T value = ask.get();
        while (!condition.test(value)) {
            Assertions.assertTrue(System.nanoTime() < deadline, "still " + value);
            LockSupport.parkNanos(20_000_000);
            value = ask.get();
        }
        return value;
    }

    @Override
    public void close() {
        server.stop(); // Its port closes at once; its last thread waits two quiet seconds, a test need not.
        master.close();
        store.close();
    }
}
