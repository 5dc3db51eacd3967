package io.hearth.launcher.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
        try (AdminServer server =
                AdminServer.onPort("127.0.0.1", 0, "--admin", metrics, () -> ready, () -> faults, routes -> {})) {
            assertEquals("200 ready\n", answer(server));
            faults = List.of("tier /a is out of service: its disk failed");
            assertEquals("200 ready, but tier /a is out of service: its disk failed\n", answer(server));
            ready = false;
            assertEquals("503 not ready: tier /a is out of service: its disk failed\n", answer(server));
            faults = List.of();
            assertEquals("503 not ready\n", answer(server));
        }
    }

    private static String answer(AdminServer server) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + "/readyz");
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }
}
