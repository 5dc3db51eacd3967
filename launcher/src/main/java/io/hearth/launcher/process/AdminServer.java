package io.hearth.launcher.process;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.util.DomainSocketAddress;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A process's HTTP side: {@code /metrics}, {@code /healthz}, {@code /readyz}, and the routes that a module adds. */
public final class AdminServer implements AutoCloseable {
    private static final MediaType PROMETHEUS_TEXT = MediaType.parse("text/plain; version=0.0.4; charset=utf-8");
    private static final Duration QUIET_PERIOD = Duration.ofMillis(50);
    private static final Duration STOP_BOUND = Duration.ofSeconds(2);

    /** Ports close within this; what Armeria waits for after it are idle event loops (2 s of Netty's quiet period). */
    private static final Duration PORTS_CLOSED = Duration.ofMillis(300);

    private final Server server;

    private AdminServer(Server server) {
        this.server = server;
    }

    /**
     * A TCP port, for whoever shows the token.
     *
     * @param port 0 for a free one
     * @param flag how another port is chosen, for the message when this one is taken
     * @param token asked for everything but {@code /healthz} and {@code /readyz}, which probes call
     */
    public record Port(String host, int port, String flag, ClusterToken token) {}

    /**
     * Listens on TCP.
     *
     * @param faults what a process goes without, in one line each; ready or not
     */
    public static AdminServer onPort(
            Port port,
            PrometheusMeterRegistry metrics,
            BooleanSupplier ready,
            Supplier<List<String>> faults,
            Consumer<ServerBuilder> routes) {
        ServerBuilder builder = builder(metrics, ready, faults, routes);
        builder.port(new InetSocketAddress(port.host(), port.port()), SessionProtocol.HTTP);
        builder.routeDecorator()
                .pathPrefix("/")
                .exclude("/healthz")
                .exclude("/readyz")
                .build(new TokenAsked(port.token()));
        return start(
                builder,
                "port " + port.port() + " of " + port.host() + " is in use: is Hearth running already? Stop it, or"
                        + " choose another with " + port.flag());
    }

    /** The same for a process that has no such faults. */
    public static AdminServer onPort(
            Port port, PrometheusMeterRegistry metrics, BooleanSupplier ready, Consumer<ServerBuilder> routes) {
        return onPort(port, metrics, ready, List::of, routes);
    }

    /** Listens on a Unix socket, whose file is replaced and whose directory is made. */
    public static AdminServer onSocket(Path socket, PrometheusMeterRegistry metrics, BooleanSupplier ready) {
        try {
            Files.createDirectories(socket.getParent());
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot make the socket " + socket + ": " + e, e);
        }
        ServerBuilder builder = builder(metrics, ready, List::of, routes -> {});
        builder.port(new ServerPort(DomainSocketAddress.of(socket), SessionProtocol.HTTP));
        return start(builder, "the socket " + socket + " cannot be bound");
    }

    private static HttpResponse readiness(boolean ready, List<String> faults) {
        String state = ready ? "ready" : "not ready";
        String reasons = (ready ? ", but " : ": ") + String.join("; ", faults);
        return HttpResponse.of(
                ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE,
                MediaType.PLAIN_TEXT_UTF_8,
                state + (faults.isEmpty() ? "" : reasons) + "\n");
    }

    private static ServerBuilder builder(
            PrometheusMeterRegistry metrics,
            BooleanSupplier ready,
            Supplier<List<String>> faults,
            Consumer<ServerBuilder> routes) {
        ServerBuilder builder = Server.builder();
        builder.service(
                "/metrics", (context, request) -> HttpResponse.of(HttpStatus.OK, PROMETHEUS_TEXT, metrics.scrape()));
        builder.service(
                "/healthz", (context, request) -> HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, "ok\n"));
        builder.service("/readyz", (context, request) -> readiness(ready.getAsBoolean(), faults.get()));
        // A client's fault, such as a body too large, is answered; its stack trace in our log helps nobody.
        builder.unloggedExceptionsReportInterval(Duration.ZERO);
        builder.gracefulShutdownTimeout(QUIET_PERIOD, STOP_BOUND);
        routes.accept(builder);
        return builder;
    }

    private static AdminServer start(ServerBuilder builder, String taken) {
        Server server = builder.build();
        try {
            server.start().join();
            return new AdminServer(server);
        } catch (CompletionException e) {
            server.closeAsync();
            boolean inUse = e.getCause() instanceof BindException
                    || String.valueOf(e.getCause().getMessage()).contains("in use");
            throw new HearthException(
                    inUse ? FailureKind.CONFLICT : FailureKind.INTERNAL,
                    inUse ? taken : "cannot listen: " + e.getCause().getMessage(),
                    e.getCause());
        }
    }

    /** The TCP port that was bound. */
    public int port() {
        // Not activeLocalPort(), which knows loopback and every address alone.
        return Optional.ofNullable(server.activePort())
                .orElseThrow()
                .localAddress()
                .getPort();
    }

    @Override
    public void close() {
        try {
            server.stop().get(PORTS_CLOSED.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // The loops end by themselves.
        } catch (ExecutionException e) {
            throw HearthException.of(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
