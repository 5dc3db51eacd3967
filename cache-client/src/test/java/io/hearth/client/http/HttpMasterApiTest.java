package io.hearth.client.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.Renewal;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.SessionRequest;
import io.hearth.protocol.api.Ticket;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.api.WorkerList;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.wire.ResidencyReport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpMasterApiTest {
    private static final DatasetName NAME = new DatasetName("default", "models");
    private static final Session SESSION =
            new Session("s1", 60_000, "g1", List.of(new Session.WorkerAddress("w", "127.0.0.1", 7071)));

    private final ScriptedMasters masters = new ScriptedMasters();

    @AfterEach
    void stop() {
        masters.close();
    }

    @Test
    void sendsTheDocumentedRequests() throws Exception {
        HttpMasterApi api = api(master(request -> json(SESSION)));
        assertEquals(SESSION, get(api.openSession(NAME, new SessionRequest("me", Optional.of("2s")))));
        assertEquals(SESSION, get(api.renewSession(NAME, "s/1", new Renewal("g1", 0))));
        masters.assertHeard(
                HttpMethod.POST,
                "/v1/namespaces/default/datasets/models/sessions",
                "{\"client\":\"me\",\"refresh\":\"2s\"}");
        masters.assertHeard(
                HttpMethod.POST,
                "/v1/namespaces/default/datasets/models/sessions/s%2F1/renew",
                "{\"generation\":\"g1\",\"waitMs\":0}");
    }

    @Test
    void sendsResidencyAsBytes() throws Exception {
        HttpMasterApi api = api(master(request -> json(new WorkerLease(1, 2, true))));
        ResidencyReport report = new ResidencyReport("w 1", 3, 1, true, List.of());
        assertTrue(get(api.report(report)).wantSnapshot());
        AggregatedHttpRequest request = masters.heard.remove();
        assertEquals("/v1/workers/w%201/residency", request.path());
        assertArrayEquals(report.encode(), request.content().array());
        assertEquals(MediaType.OCTET_STREAM, request.contentType());
    }

    @Test
    void tellsTheMastersOwnLine() {
        HttpMasterApi api = api(master(request -> error(FailureKind.NOT_FOUND, "there is no dataset models")));
        HearthException failure = failure(api.describe(NAME));
        assertEquals(FailureKind.NOT_FOUND, failure.kind());
        assertEquals("there is no dataset models", failure.getMessage());
        assertEquals(1, masters.heard.size(), "it is not asked again");
    }

    @Test
    void saysWhatToDoWhenNoMasterAnswers() throws Exception {
        URI nobody = nobody();
        HearthException failure = failure(api(nobody).workers());
        assertEquals(FailureKind.UNAVAILABLE, failure.kind());
        assertEquals(
                "no master answers at " + nobody + ": start one with 'hearth master' or pass --master URL",
                failure.getMessage());
    }

    @Test
    void goesOnToTheNextMaster() throws Exception {
        URI dead = nobody();
        URI alive = master(request -> json(new WorkerList(List.of())));
        HttpMasterApi api = api(dead, alive);
        for (int i = 0; i < 3; i++) {
            get(api.workers());
        }
        assertEquals(3, masters.heard.size());
        // Never sent to the dead one, so even this may go on.
        get(api(dead, master(request -> json(status()))).create(NAME, spec()));
    }

    @Test
    void aMasterThatCannotServeSendsCallsToAnother() throws Exception {
        URI cutOff = master(request -> error(FailureKind.UNAVAILABLE, "no majority"));
        URI alive = master(request -> json(new WorkerList(List.of())));
        get(api(cutOff, alive).workers());
        HearthException failure = failure(api(cutOff).workers());
        assertEquals("no majority", failure.getMessage());
        assertEquals(2 + 2, masters.heard.size(), "two rounds at the most");
    }

    @Test
    void aCreateIsNotSentTwice() {
        URI cutOff = master(request -> error(FailureKind.UNAVAILABLE, "no majority"));
        failure(api(cutOff, cutOff).create(NAME, spec()));
        assertEquals(1, masters.heard.size());
    }

    @Test
    void aSilentMasterIsNotWaitedForLong() {
        URI silent = master(request -> HttpResponse.of(new CompletableFuture<>()));
        long start = System.nanoTime();
        HearthException failure = failure(api("300ms", silent).workers());
        assertEquals(FailureKind.TIMEOUT, failure.kind());
        assertTrue(failure.getMessage().contains("within 300 ms"), failure.getMessage());
        assertTrue(System.nanoTime() - start < 15_000_000_000L);
    }

    @Test
    void aLongPollMayTakeItsWait() throws Exception {
        URI slow = master(request -> HttpResponse.delayed(json(SESSION), Duration.ofMillis(700)));
        assertEquals(SESSION, get(api("300ms", slow).renewSession(NAME, "s", new Renewal("g", 1000))));
    }

    @Test
    void anAnswerOfAnotherServerIsNamedAsSuch() {
        URI other = master(request -> HttpResponse.of(HttpStatus.BAD_REQUEST, MediaType.HTML_UTF_8, "<h1>no</h1>"));
        HearthException failure = failure(api(other).workers());
        assertTrue(failure.getMessage().contains("status 400"), failure.getMessage());
        assertTrue(failure.getMessage().contains(other.toString()), failure.getMessage());
    }

    @Test
    void segmentsAreCheckedAgainstTheirIds() throws Exception {
        byte[] bytes = Segment.encode(List.of(new Entry("a", 0, false, 5, 1, new Validator.StrongEtag("\"e\""))));
        String id = Segment.idOf(bytes);
        HttpMasterApi api = api(master(request -> HttpResponse.of(HttpStatus.OK, MediaType.OCTET_STREAM, bytes)));
        assertArrayEquals(bytes, get(api.segment(NAME, id)));
        HearthException failure = failure(api.segment(NAME, "00" + id.substring(2)));
        assertEquals(FailureKind.CORRUPT, failure.kind());
    }

    @Test
    void secretsOfATicketAreNotShown() throws Exception {
        String json = "{\"grants\":[{\"origin\":\"o\",\"bucket\":\"b\",\"prefix\":\"\",\"pathStyle\":true,"
                + "\"auth\":\"signing-keys\",\"accessKeyId\":\"AKIA\",\"signingKeys\":{\"20261122\":\"hush\"}}],\"expiresAtMs\":5}";
        HttpMasterApi api = api(master(request -> HttpResponse.of(HttpStatus.OK, MediaType.JSON, json)));
        Ticket ticket = get(api.ticket(NAME));
        assertEquals("o", ticket.grants().get(0).origin());
        assertTrue(!ticket.toString().contains("hush") && !ticket.toString().contains("AKIA"));
    }

    private URI master(Function<AggregatedHttpRequest, HttpResponse> answers) {
        return masters.start(answers);
    }

    /** With a timeout that a busy machine's first request does not reach. */
    private HttpMasterApi api(URI... uris) {
        return api("5s", uris);
    }

    private HttpMasterApi api(String timeout, URI... uris) {
        return masters.api("client.master-timeout", timeout, uris);
    }

    private static URI nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
    }

    private static DatasetSpec spec() {
        return Json.read("{\"mounts\":[{\"mountPoint\":\"s3://b/p\"}]}", DatasetSpec.class);
    }

    private static Object status() {
        return new io.hearth.protocol.api.DatasetStatus(
                "default",
                "models",
                spec(),
                "Pending",
                Optional.empty(),
                Optional.empty(),
                0,
                0,
                0,
                0,
                "2026-01-01T00:00:00Z",
                Optional.empty(),
                0,
                0,
                0,
                List.of());
    }

    private static HttpResponse json(Object document) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, Json.write(document));
    }

    private static HttpResponse error(FailureKind kind, String line) {
        byte[] body = Json.write(new ErrorDocument(kind.httpStatus(), kind.code(), line));
        return HttpResponse.of(HttpStatus.valueOf(kind.httpStatus()), MediaType.JSON, body);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    private static HearthException failure(CompletableFuture<?> future) {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> future.get(10, TimeUnit.SECONDS));
        return (HearthException) thrown.getCause();
    }
}
