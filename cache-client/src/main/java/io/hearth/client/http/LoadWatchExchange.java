package io.hearth.client.http;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadStatus;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A watch of a load: a stream of events that lasts as long as the load, with a bound on its silence alone. Once a
 * status has come it is not begun anew here: who watches decides that. Thread-safe.
 */
final class LoadWatchExchange implements MasterExchange<LoadStatus>, AutoCloseable {
    /** A thousand targets of the longest kind fit in. */
    private static final int EVENT_BYTES_MAX = 32 << 20;

    private static final int ERROR_BYTES_MAX = 64 << 10;
    private static final String STREAM = "text/event-stream";
    private static final String STATUS_EVENT = "status";

    private final MasterCall call;
    private final Consumer<LoadStatus> each;
    private volatile boolean begun;
    private volatile boolean closed;
    private volatile Optional<Runnable> giveUp = Optional.empty();

    LoadWatchExchange(MasterCall call, Consumer<LoadStatus> each) {
        this.call = call;
        this.each = each;
    }

    @Override
    public CompletableFuture<LoadStatus> with(MasterConnections master) {
        Answer answer = new Answer();
        Runnable end = master.call(call, STREAM, Patience.EACH_PIECE, answer);
        giveUp = Optional.of(end);
        if (closed) {
            end.run();
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
        giveUp.ifPresent(Runnable::run);
    }

    /** What one master answers; called by one thread at a time. */
    private final class Answer implements AnswerParts {
        private final CompletableFuture<LoadStatus> last = new CompletableFuture<>();
        private final EventDecoder events = new EventDecoder(EVENT_BYTES_MAX, this::event);
        private final ByteArrayOutputStream error = new ByteArrayOutputStream();
        private int status;

        @Override
        public void head(int told, String type) {
            status = told;
            if (status < 400 && !type.equals(STREAM)) {
                throw MasterCalls.foreign(FailureKind.UNAVAILABLE, "answered without a stream of events");
            }
        }

        @Override
        public void data(byte[] bytes) {
            if (status < 400) {
                events.accept(bytes);
            } else if (error.size() + bytes.length <= ERROR_BYTES_MAX) {
                error.writeBytes(bytes);
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

        @Override
        public void end() {
            last.completeExceptionally(
                    status >= 400
                            ? MasterCalls.failureOf(status, error.toByteArray())
                            : new HearthException(
                                    FailureKind.UNAVAILABLE,
                                    "the master ended " + call + " before the load had ended"));
        }

        @Override
        public void broken(Throwable why) {
            last.completeExceptionally(why);
        }
    }
}
