package io.hearth.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.Server;
import io.hearth.client.ClientSettings;
import io.hearth.protocol.trust.ClusterToken;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** Servers that answer as a test says and remember what they heard, and clients of them. */
final class ScriptedMasters implements AutoCloseable {
    final Queue<AggregatedHttpRequest> heard = new ConcurrentLinkedQueue<>();
    private final Queue<Server> servers = new ConcurrentLinkedQueue<>();
    private final Queue<HttpMasterApi> apis = new ConcurrentLinkedQueue<>();

    URI start(Function<AggregatedHttpRequest, HttpResponse> answers) {
        Server server = Server.builder()
                .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .requestTimeout(Duration.ZERO)
                .serviceUnder(
                        "/",
                        (ctx, request) -> HttpResponse.of(request.aggregate().thenApply(whole -> {
                            heard.add(whole);
                            return answers.apply(whole);
                        })))
                .build();
        server.start().join();
        servers.add(server);
        return URI.create("http://127.0.0.1:" + server.activeLocalPort());
    }

    /** A client with one setting and two rounds. */
    HttpMasterApi api(String setting, String value, URI... masters) {
        HttpMasterApi api = new HttpMasterApi(
                List.of(masters),
                ClientSettings.of(Map.of(setting, value, "client.master-rounds", "2")),
                ClusterToken.NONE);
        apis.add(api);
        return api;
    }

    /** The oldest request that was not looked at yet. */
    void assertHeard(HttpMethod method, String path, String body) {
        AggregatedHttpRequest request = heard.remove();
        assertEquals(method, request.method());
        assertEquals(path, request.path());
        assertEquals(body, request.contentUtf8());
    }

    @Override
    public void close() {
        apis.forEach(HttpMasterApi::close);
        servers.forEach(Server::closeAsync); // Not waited for: a graceful stop takes two seconds.
    }
}
