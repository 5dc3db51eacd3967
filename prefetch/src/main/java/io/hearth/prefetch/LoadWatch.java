package io.hearth.prefetch;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadStatus;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One watch of a load: a stream of server-sent events. A reader that is slower than the load misses states in between,
 * never the last one; nothing queues up for it. Thread-safe; nothing blocks.
 */
final class LoadWatch {
    private static final HttpData KEEP_ALIVE = HttpData.ofUtf8(":\n\n");

    private final HttpResponseWriter stream = HttpResponse.streaming();
    private Optional<LoadStatus> next = Optional.empty();
    private boolean writing;
    private boolean ended;

    LoadWatch() {
        stream.write(ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.EVENT_STREAM)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .build());
    }

    /** What goes to the reader. */
    HttpResponse response() {
        return stream;
    }

    /** Done when the stream ended or its reader went. */
    CompletableFuture<Void> closed() {
        return stream.whenComplete().handle((done, failure) -> null);
    }

    /** The newest state, in place of one that was not sent yet. */
    void tell(LoadStatus status) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = status.phase().ended();
            next = Optional.of(status);
        }
        writeNext();
    }

    /** Says that the load is still watched. */
    synchronized void keepAlive() {
        if (!writing && !ended) {
            stream.tryWrite(KEEP_ALIVE);
        }
    }

    /** Ends the stream without a last state: the reader may ask again. */
    void close() {
        stream.close();
    }

    /** Ends a stream that no reader was given: to close one is only seen by its reader. */
    void abandon() {
        stream.abort();
    }

    private void writeNext() {
        LoadStatus status;
        synchronized (this) {
            if (writing || next.isEmpty()) {
                return;
            }
            writing = true;
            status = next.get();
            next = Optional.empty();
        }
        String json = new String(Json.write(status), StandardCharsets.UTF_8);
        if (!stream.tryWrite(HttpData.ofUtf8("event: status\ndata: " + json + "\n\n"))) {
            return; // The reader is gone.
        }
        if (status.phase().ended()) {
            stream.close();
            return;
        }
        stream.whenConsumed().thenRun(() -> {
            synchronized (this) {
                writing = false;
            }
            writeNext();
        });
    }
}
