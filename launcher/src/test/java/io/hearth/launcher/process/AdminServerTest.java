package io.hearth.launcher.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.process.AdminServer.Port;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdminServerTest {
    private volatile boolean ready = true;
    private volatile List<String> faults = List.of();

    @Test
    void readinessSaysInOneLineWhatAProcessGoesWithout() throws Exception {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (AdminServer server = AdminServer.onPort(
                new Port("127.0.0.1", 0, "--admin", ClusterToken.NONE),
                metrics,
                () -> ready,
                () -> faults,
                routes -> {})) {
            assertEquals("200 ready\n", answer(server));
            faults = List.of("tier /a is out of service: its disk failed");
            assertEquals("200 ready, but tier /a is out of service: its disk failed\n", answer(server));
            ready = false;
            assertEquals("503 not ready: tier /a is out of service: its disk failed\n", answer(server));
            faults = List.of();
            assertEquals("503 not ready\n", answer(server));
        }
    }

    @Test
    void onlyProbesNeedNotShowTheToken() throws Exception {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Port port = new Port("127.0.0.1", 0, "--admin", new OneToken("a-token-of-the-cluster"));
        try (AdminServer server = AdminServer.onPort(
                port,
                metrics,
                () -> ready,
                routes -> routes.service(
                        "/v1/thing", (context, request) -> com.linecorp.armeria.common.HttpResponse.of("the thing")))) {
            assertEquals("200 ready\n", answer(server));
            for (String path : List.of("/metrics", "/v1/thing", "/v1/none")) {
                HttpResponse<String> refused = get(server, path, "");
                assertEquals(401, refused.statusCode(), path);
                assertTrue(refused.body().contains("none was shown"), refused.body());
                assertTrue(refused.headers()
                        .firstValue("www-authenticate")
                        .orElse("")
                        .startsWith("Bearer"));
                assertEquals(
                        401, get(server, path, "Bearer another-token-012345").statusCode(), path);
                assertEquals(401, get(server, path, "Basic YTpi").statusCode(), path);
            }
            assertEquals(
                    "the thing",
                    get(server, "/v1/thing", "Bearer a-token-of-the-cluster").body());
            assertEquals(
                    404,
                    get(server, "/v1/none", "bearer a-token-of-the-cluster").statusCode());
        }
    }

    private record OneToken(String shown) implements ClusterToken {
        @Override
        public boolean admits(String other) {
            return shown.equals(other);
        }
    }

    private static String answer(AdminServer server) throws Exception {
        HttpResponse<String> answer = get(server, "/readyz", "");
        return answer.statusCode() + " " + answer.body();
    }

    private static HttpResponse<String> get(AdminServer server, String path, String authorization) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
        if (!authorization.isEmpty()) {
            request.header("authorization", authorization);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
