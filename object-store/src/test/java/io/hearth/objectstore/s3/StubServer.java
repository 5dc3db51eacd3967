package io.hearth.objectstore.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers every request as a test says, right or wrong. */
final class StubServer implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    StubServer(Answer answer) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer.to(exchange);
            }
        });
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    OriginAccess access() {
        return new OriginAccess(
                new OriginSpec("bucket", "", Optional.of(endpoint()), Optional.empty(), true),
                new Credentials.Keys("id", "secret", Optional.empty()));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** Writes one answer. */
    @FunctionalInterface
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    /** An S3 error document; {@code header} is {@code name: value} or empty. */
    static Answer error(int status, String code, String header) {
        return exchange -> {
            byte[] body = ("<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>stub</Message></Error>")
                    .getBytes(StandardCharsets.UTF_8);
            if (!header.isEmpty()) {
                String[] parts = header.split(": ");
                exchange.getResponseHeaders().add(parts[0], parts[1]);
            }
            exchange.getResponseHeaders().add("Content-Type", "application/xml");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        };
    }

    /** A range answer with the ETag {@code "v1"}: so many bytes announced, so many sent. */
    static Answer range(int status, String contentRange, int announced, int sent) {
        return exchange -> {
            exchange.getResponseHeaders().add("ETag", "\"v1\"");
            if (!contentRange.isEmpty()) {
                exchange.getResponseHeaders().add("Content-Range", contentRange);
            }
            exchange.sendResponseHeaders(status, announced);
            exchange.getResponseBody().write(new byte[sent]);
            exchange.getResponseBody().flush();
        };
    }
}
