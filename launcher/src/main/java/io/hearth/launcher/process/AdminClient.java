package io.hearth.launcher.process;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.util.DomainSocketAddress;
import java.nio.file.Path;

/** Reads another process's metrics from its Unix socket. */
public final class AdminClient {
    private AdminClient() {}

    /** The sum of a counter over its labels; 0 where the process has none of that name. */
    public static long counter(Path socket, String name) {
        try (ClientFactory factory = ClientFactory.builder().build()) {
            Endpoint endpoint = Endpoint.of(DomainSocketAddress.of(socket));
            String text = WebClient.builder(SessionProtocol.HTTP, endpoint)
                    .factory(factory)
                    .build()
                    .get("/metrics")
                    .aggregate()
                    .join()
                    .contentUtf8();
            return sum(text, name);
        }
    }

    static long sum(String prometheusText, String name) {
        return Math.round(prometheusText
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum());
    }
}
