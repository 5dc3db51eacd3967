package io.hearth.client.http;

import com.linecorp.armeria.client.RequestOptions;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.StreamTimeoutMode;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadStatus;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A watch of a load: a stream of events that lasts as long as the load, with a bound on its silence alone. Once a status
 * has come it is not begun anew here: who watches decides that. Thread-safe.
 */
final class LoadWatchExchange implements MasterExchange<LoadStatus>, AutoCloseable {
    /** A thousand targets of the longest kind fit in. */
    private static final int EVENT_BYTES_MAX = 32 << 20;

    private static final int ERROR_BYTES_MAX = 64 << 10;
    private static final String STATUS_EVENT = "status";

    private final MasterCall call;
    private final Consumer<LoadStatus> each;
    private volatile boolean begun;
    private volatile boolean closed;
    private volatile Optional<HttpResponse> open = Optional.empty();

    LoadWatchExchange(MasterCall call, Consumer<LoadStatus> each) {
        this.call = call;
        this.each = each;
    }

    @Override
    public CompletableFuture<LoadStatus> with(WebClient master) {
        RequestOptions options = RequestOptions.builder()
                .responseTimeoutMillis(0)
                .maxResponseLength(0)
                .build();
        HttpResponse response = master.execute(call.request("text/event-stream"), options);
        open = Optional.of(response);
        Answer answer = new Answer();
        response.peekHeaders(headers -> answer.take(() -> answer.headers(headers)))
                .peekData(data -> answer.take(() -> answer.data(data)))
                .timeout(call.timeout(), StreamTimeoutMode.UNTIL_NEXT)
                .subscribe()
                .whenComplete((done, thrown) -> answer.end(Optional.ofNullable(thrown)));
        if (closed) {
            response.abort();
        }
        return answer.last;
    }

    @Override
    public boolean repeatable() {
        return !begun && !closed;
    }

    @Override
    public void close() {
        closed = true;
        open.ifPresent(HttpResponse::abort);
    }

    /** What one master answers; called by one thread at a time. */
    private final class Answer {
        private final CompletableFuture<LoadStatus> last = new CompletableFuture<>();
        private final EventDecoder events = new EventDecoder(EVENT_BYTES_MAX, this::event);
        private final ByteArrayOutputStream error = new ByteArrayOutputStream();
        private int status;

        /** Fails with what is wrong with a piece of the answer: Armeria would tell that it was cancelled. */
        void take(Runnable piece) {
            try {
                piece.run();
            } catch (RuntimeException e) {
                last.completeExceptionally(HearthException.of(e));
                open.ifPresent(HttpResponse::abort);
            }
        }

        void headers(ResponseHeaders headers) {
            status = headers.status().code();
            MediaType type = headers.contentType();
            if (status < 400 && (type == null || !type.is(MediaType.EVENT_STREAM))) {
                throw MasterCalls.foreign(FailureKind.UNAVAILABLE, "answered without a stream of events");
            }
        }

        void data(HttpData data) {
            if (status < 400) {
                events.accept(data.array());
            } else if (error.size() + data.length() <= ERROR_BYTES_MAX) {
                error.writeBytes(data.array());
            }
        }

        private void event(EventDecoder.Event event) {
            if (!event.type().equals(STATUS_EVENT) || last.isDone() || closed) {
                return;
            }
            LoadStatus now = Json.read(event.data(), LoadStatus.class);
            begun = true;
            each.accept(now);
            if (now.phase().ended()) {
                last.complete(now);
            }
        }

        void end(Optional<Throwable> broken) {
            if (broken.isPresent()) {
                last.completeExceptionally(broken.get());
            } else if (status >= 400) {
                last.completeExceptionally(MasterCalls.failureOf(status, error.toByteArray()));
            } else {
                last.completeExceptionally(new HearthException(
                        FailureKind.UNAVAILABLE, "the master ended " + call + " before the load had ended"));
            }
        }
    }
}
