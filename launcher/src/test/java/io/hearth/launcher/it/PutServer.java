package io.hearth.launcher.it;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Lets a shell of a test overwrite objects: {@code put KEY TEXT}. */
final class PutServer implements AutoCloseable {
    private final HttpServer server;

    private PutServer(HttpServer server) {
        this.server = server;
    }

    static PutServer start(HearthRig rig) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            rig.put(
                    exchange.getRequestURI().getPath().substring(1),
                    exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return new PutServer(server);
    }

    /** Plain bash, as a bare machine has no curl. */
    String bashFunctionBody() {
        return "local b=\"$2\"$'\\n'; exec 8<>/dev/tcp/127.0.0.1/"
                + server.getAddress().getPort()
                + "; printf 'PUT /%s HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s'"
                + " \"$1\" ${#b} \"$b\" >&8; cat <&8 >/dev/null; exec 8<&-";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
