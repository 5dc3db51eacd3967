package io.hearth.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.WorkerList;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of connections, over masters that end them, or answer with what is no HTTP. */
class MasterConnectionsTest {
    private static final String WORKERS = "{\"workers\":[]}";
    private static final String OK =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + WORKERS.length() + "\r\n";

    private final ScriptedMasters masters = new ScriptedMasters();
    private final List<ServerSocket> sockets = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        masters.close();
        for (ServerSocket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void aMasterIsFoundByNameAndByEitherKindOfAddress() throws Exception {
        URI master = masters.start(request -> json());
        for (String host : List.of("localhost", "127.0.0.1")) {
            HttpMasterApi api = masters.api(
                    "client.master-timeout", "5s", URI.create("http://" + host + ":" + master.getPort() + "/"));
            assertEquals(List.of(), get(api.workers()).workers(), host);
        }
        assertEquals("::1", MasterConnections.hostOf(URI.create("http://[::1]:7070")));
    }

    @Test
    void callsBeyondTheConnectionsWaitTheirTurn() throws Exception {
        Queue<CompletableFuture<HttpResponse>> held = new ConcurrentLinkedQueue<>();
        URI master = masters.start(request -> {
            CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
            held.add(answer);
            return HttpResponse.of(answer);
        });
        HttpMasterApi api = masters.api("client.master-connections", "2", master);
        List<CompletableFuture<WorkerList>> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(api.workers());
        }
        for (int answered = 0; answered < 5; answered++) {
            await(() -> !held.isEmpty());
            assertTrue(held.size() <= 2, held.size() + " at once");
            held.remove().complete(json());
        }
        for (CompletableFuture<WorkerList> call : calls) {
            get(call);
        }
        assertEquals(5, masters.heard.size());
    }

    @Test
    void aConnectionThatTheMasterEndedIsNotUsedAgain() throws Exception {
        URI master = serve(2, OK + "\r\n" + WORKERS);
        HttpMasterApi api = masters.api("client.master-timeout", "5s", master);
        get(api.workers());
        get(api.workers());
        URI polite = serve(2, OK + "Connection: close\r\n\r\n" + WORKERS);
        HttpMasterApi other = masters.api("client.master-timeout", "5s", polite);
        get(other.workers());
        get(other.workers());
    }

    @Test
    void whatComesBeforeTheAnswerIsNotTakenForIt() throws Exception {
        URI master = serve(1, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK + "\r\n" + WORKERS);
        HttpMasterApi api = masters.api("client.master-timeout", "5s", master);
        assertEquals(List.of(), get(api.workers()).workers());
    }

    @Test
    void whatIsNoHttpAndWhatIsCutShortIsABrokenConnection() throws Exception {
        for (String answer : List.of("SSH-2.0-OpenSSH\r\n\r\n", "", OK + "\r\n" + WORKERS.substring(3))) {
            URI master = serve(2, answer);
            HearthException failure =
                    failure(masters.api("client.master-timeout", "5s", master).workers());
            assertEquals(FailureKind.UNAVAILABLE, failure.kind(), answer);
            assertTrue(failure.getMessage().contains("broke during GET /v1/workers"), failure.getMessage());
        }
    }

    @Test
    void anAnswerLongerThanTheCallTakesIsRefused() throws Exception {
        byte[] long65Mib = new byte[65 << 20];
        URI master = masters.start(request -> HttpResponse.of(HttpStatus.OK, MediaType.JSON, long65Mib));
        HearthException failure =
                failure(masters.api("client.master-timeout", "30s", master).workers());
        assertEquals(FailureKind.INVALID, failure.kind());
        assertTrue(failure.getMessage().contains("has more than"), failure.getMessage());
        assertEquals(1, masters.heard.size(), "it is not asked again");
    }

    @Test
    void aClientThatIsClosedFailsItsCalls() throws Exception {
        URI master = masters.start(request -> HttpResponse.of(new CompletableFuture<>()));
        HttpMasterApi api = masters.api("client.master-timeout", "1m", master);
        CompletableFuture<WorkerList> call = api.workers();
        await(() -> !masters.heard.isEmpty());
        api.close();
        assertEquals(FailureKind.UNAVAILABLE, failure(call).kind());
        assertEquals(FailureKind.UNAVAILABLE, failure(api.workers()).kind());
    }

    /** A server of so many connections, each of which gets one answer, whatever it asks, and is ended. */
    private URI serve(int connections, String answer) throws IOException {
        ServerSocket server = new ServerSocket(0, connections, InetAddress.getLoopbackAddress());
        sockets.add(server);
        Thread thread = new Thread(() -> answer(server, connections, answer), "blunt-master");
        thread.setDaemon(true);
        thread.start();
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    private static void answer(ServerSocket server, int connections, String answer) {
        for (int i = 0; i < connections; i++) {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                StringBuilder request = new StringBuilder();
                while (request.indexOf("\r\n\r\n") < 0) {
                    request.append((char) in.read());
                }
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                if (server.isClosed()) {
                    return;
                }
                throw new UncheckedIOException(e);
            }
        }
    }

    private static HttpResponse json() {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, Json.write(new WorkerList(List.of())));
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) throws InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < endNs, "not within 20 s");
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static HearthException failure(CompletableFuture<?> future) {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> future.get(40, TimeUnit.SECONDS));
        return (HearthException) thrown.getCause();
    }
}
