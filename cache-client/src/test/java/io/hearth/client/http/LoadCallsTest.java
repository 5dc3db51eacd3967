package io.hearth.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.hearth.client.Await;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadList;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Loads over HTTP, and watches of them over streams that break in every way. */
class LoadCallsTest {
    private static final DatasetName NAME = new DatasetName("default", "models");
    private static final String LOADS = "/v1/namespaces/default/datasets/models/loads";
    private static final LoadStatus RUNNING = status(LoadPhase.RUNNING, 5);
    private static final LoadStatus COMPLETE = status(LoadPhase.COMPLETE, 10);

    private final ScriptedMasters masters = new ScriptedMasters();
    private final List<LoadStatus> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        masters.close();
    }

    @Test
    void sendsTheDocumentedRequests() throws Exception {
        HttpMasterApi api = api(master(request -> json(HttpStatus.ACCEPTED, RUNNING)));
        LoadSpec spec = new LoadSpec(
                List.of(new LoadSpec.Target("/w/*.bin", Optional.of(2))),
                Optional.empty(),
                Optional.of(1),
                Optional.of("1h"));
        assertEquals(RUNNING, get(api.createLoad(NAME, spec)));
        assertEquals(RUNNING, get(api.load(NAME, "models/1")));
        assertEquals(RUNNING, get(api.cancelLoad(NAME, "models-1")));
        masters.assertHeard(
                HttpMethod.POST,
                LOADS,
                "{\"targets\":[{\"path\":\"/w/*.bin\",\"replicas\":2}],\"retries\":1,\"ttl\":\"1h\"}");
        masters.assertHeard(HttpMethod.GET, LOADS + "/models%2F1", "");
        masters.assertHeard(HttpMethod.DELETE, LOADS + "/models-1", "");

        HttpMasterApi lists = api(master(request -> json(HttpStatus.OK, new LoadList(List.of(RUNNING, COMPLETE)))));
        assertEquals(List.of(RUNNING, COMPLETE), get(lists.loads(NAME)).loads());
        assertEquals(2, get(lists.loads("a ns")).loads().size());
        masters.assertHeard(HttpMethod.GET, LOADS, "");
        masters.assertHeard(HttpMethod.GET, "/v1/namespaces/a%20ns/loads", "");
    }

    @Test
    void aCreateIsRepeatedAndACancelIsNot() throws Exception {
        URI cutOff = master(request -> error(FailureKind.UNAVAILABLE, "no majority"));
        URI alive = master(request -> json(HttpStatus.ACCEPTED, RUNNING));
        assertEquals(RUNNING, get(api(cutOff, alive).createLoad(NAME, LoadSpec.whole())));
        HearthException failure = failure(api(cutOff, alive).cancelLoad(NAME, "x"));
        assertEquals("no majority", failure.getMessage());
        assertEquals(3, masters.heard.size());
    }

    @Test
    void aWatchGivesEveryStatusAndEndsWithTheLast() throws Exception {
        String text = ":\n\n" + event(RUNNING) + "event: later\ndata: {}\n\n:\n\n" + event(COMPLETE) + event(RUNNING);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        HttpMasterApi api = api(master(request -> {
            HttpResponseWriter stream = events();
            for (byte one : bytes) {
                stream.write(HttpData.wrap(new byte[] {one}));
            }
            return stream; // Left open: the load has ended, so nobody waits for the stream to.
        }));
        assertEquals(COMPLETE, get(api.watchLoad(NAME, "models-1", seen::add)));
        assertEquals(List.of(RUNNING, COMPLETE), seen);
        AggregatedHttpRequest request = masters.heard.remove();
        assertEquals(LOADS + "/models-1/watch", request.path());
        assertEquals("text/event-stream", request.headers().get(HttpHeaderNames.ACCEPT));
    }

    @Test
    void keepAlivesHoldAWatchOpenPastItsIdleBound() throws Exception {
        HttpResponseWriter stream = events();
        HttpMasterApi api = api("2s", master(request -> stream));
        CompletableFuture<LoadStatus> watch = api.watchLoad(NAME, "x", seen::add);
        Await.until("the watch has begun", () -> !masters.heard.isEmpty());
        long start = System.nanoTime();
        while (System.nanoTime() - start < 2_500_000_000L) {
            stream.write(HttpData.ofUtf8(":\n\n"));
            assertFalse(watch.isDone(), () -> "ended after all: " + watch);
            LockSupport.parkNanos(50_000_000);
        }
        stream.write(HttpData.ofUtf8(event(COMPLETE)));
        assertEquals(COMPLETE, get(watch));
    }

    @Test
    void aSilentWatchIsBroken() {
        HttpResponseWriter stream = events();
        stream.write(HttpData.ofUtf8(event(RUNNING)));
        HttpMasterApi api = api("300ms", master(request -> stream));
        HearthException failure = failure(api.watchLoad(NAME, "x", seen::add));
        assertEquals(FailureKind.UNAVAILABLE, failure.kind());
        assertTrue(failure.getMessage().contains("sent nothing for 300 ms"), failure.getMessage());
        assertEquals(List.of(RUNNING), seen);
        assertEquals(1, masters.heard.size(), "who watches decides whether to watch again");
    }

    @Test
    void aMasterThatNeverAnswersAWatchIsLeft() {
        URI silent = master(request -> HttpResponse.of(new CompletableFuture<>()));
        HearthException failure = failure(api("200ms", silent).watchLoad(NAME, "x", seen::add));
        assertEquals(FailureKind.UNAVAILABLE, failure.kind());
        assertEquals(2, masters.heard.size(), "nothing had come, so it was tried again");
    }

    @Test
    void aStreamThatEndsOrBreaksIsUnavailable() {
        HearthException ended = failure(api(master(request -> {
                    HttpResponseWriter stream = events();
                    stream.write(HttpData.ofUtf8(event(RUNNING) + "event: status\ndata: {\"cut"));
                    stream.close();
                    return stream;
                }))
                .watchLoad(NAME, "x", seen::add));
        assertEquals(FailureKind.UNAVAILABLE, ended.kind());
        assertTrue(ended.getMessage().contains("before the load had ended"), ended.getMessage());

        HttpResponseWriter stream = events();
        stream.write(HttpData.ofUtf8(event(RUNNING)));
        CompletableFuture<LoadStatus> watch = api(master(request -> stream)).watchLoad(NAME, "x", seen::add);
        Await.until("the first status has come", () -> seen.size() == 2);
        stream.close(new IllegalStateException("torn"));
        assertEquals(FailureKind.UNAVAILABLE, failure(watch).kind());
        assertEquals(List.of(RUNNING, RUNNING), seen);
    }

    @Test
    void aRefusedWatchTellsTheMastersOwnLine() {
        HttpMasterApi api = api(master(request -> error(FailureKind.NOT_FOUND, "there is no load x")));
        HearthException failure = failure(api.watchLoad(NAME, "x", seen::add));
        assertEquals(FailureKind.NOT_FOUND, failure.kind());
        assertEquals("there is no load x", failure.getMessage());
        assertEquals(1, masters.heard.size());
    }

    @Test
    void aWatchGoesOnToAMasterThatCanServeIt() throws Exception {
        URI cutOff = master(request -> error(FailureKind.UNAVAILABLE, "no majority"));
        URI alive = master(request -> {
            HttpResponseWriter stream = events();
            stream.write(HttpData.ofUtf8(event(COMPLETE)));
            stream.close();
            return stream;
        });
        assertEquals(COMPLETE, get(api(cutOff, alive).watchLoad(NAME, "x", seen::add)));
    }

    @Test
    void anAnswerThatIsNoStreamIsNamed() {
        URI other = master(request -> HttpResponse.of(HttpStatus.OK, MediaType.HTML_UTF_8, "<h1>hi</h1>"));
        HearthException failure = failure(api(other).watchLoad(NAME, "x", seen::add));
        assertTrue(failure.getMessage().contains("is this a Hearth master?"), failure.getMessage());
        assertTrue(failure.getMessage().contains("stream of events"), failure.getMessage());
    }

    @Test
    void aStatusThatCannotBeReadIsTold() {
        HttpResponseWriter stream = events();
        stream.write(HttpData.ofUtf8("event: status\ndata: {\"phase\":\"Waiting\"}\n\n"));
        HearthException failure = failure(api(master(request -> stream)).watchLoad(NAME, "x", seen::add));
        assertEquals(FailureKind.INVALID, failure.kind());
        assertTrue(failure.getMessage().contains("phase"), failure.getMessage());
    }

    @Test
    void aCancelledWatchClosesItsStream() {
        HttpResponseWriter stream = events();
        stream.write(HttpData.ofUtf8(event(RUNNING)));
        CompletableFuture<LoadStatus> watch = api(master(request -> stream)).watchLoad(NAME, "x", seen::add);
        Await.until("the first status has come", () -> !seen.isEmpty());
        watch.cancel(true);
        Await.until("the master hears that nobody watches", () -> stream.isComplete());
        assertEquals(1, masters.heard.size(), "it is not asked for anew");
    }

    private static HttpResponseWriter events() {
        HttpResponseWriter stream = HttpResponse.streaming();
        stream.write(ResponseHeaders.of(HttpStatus.OK, HttpHeaderNames.CONTENT_TYPE, MediaType.EVENT_STREAM));
        return stream;
    }

    private static String event(LoadStatus status) {
        return "event: status\ndata: " + new String(Json.write(status), StandardCharsets.UTF_8) + "\n\n";
    }

    private URI master(Function<AggregatedHttpRequest, HttpResponse> answers) {
        return masters.start(answers);
    }

    private HttpMasterApi api(URI... uris) {
        return api("5s", uris);
    }

    private HttpMasterApi api(String idle, URI... uris) {
        return masters.api("client.watch-idle-timeout", idle, uris);
    }

    private static LoadStatus status(LoadPhase phase, long resident) {
        return new LoadStatus(
                "default",
                "models-1",
                "models",
                LoadSpec.whole(),
                phase,
                Optional.empty(),
                Optional.of("g1"),
                10.0 * resident,
                new LoadStatus.Files(1, 0, 0, 0),
                new LoadStatus.Bytes(10, resident, 0, 0),
                Map.of(LoadStatus.ORIGIN, resident),
                7,
                Optional.of(1L),
                1,
                new ArrayList<>(List.of(new LoadStatus.FailedPath("/größe/😀.bin", "gone"))),
                List.of(new LoadStatus.WorkerPart("w1", 10, resident, 0)),
                "2026-01-01T00:00:00Z",
                Optional.empty(),
                Optional.empty(),
                0);
    }

    private static HttpResponse json(HttpStatus status, Object document) {
        return HttpResponse.of(status, MediaType.JSON, Json.write(document));
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
