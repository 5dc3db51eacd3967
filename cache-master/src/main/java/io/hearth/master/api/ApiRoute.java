package io.hearth.master.api;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.hearth.protocol.api.Json;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One route of the API.
 *
 * @param bodyMax longest body taken, in bytes
 * @param handler answers a call; runs on the API's threads and may block
 * @param metrics counts it
 */
public record ApiRoute(ApiOperation operation, long bodyMax, Handler handler, ApiMetrics metrics) {
    /** Answers one call. Failures are {@link io.hearth.protocol.HearthException}s, thrown or in the future. */
    public interface Handler {
        CompletionStage<Answer> handle(ApiCall call);

        /** A handler that has its answer when it returns. */
        static Handler now(Function<ApiCall, Answer> handler) {
            return call -> CompletableFuture.completedFuture(handler.apply(call));
        }
    }

    /** What goes back. */
    public record Answer(HttpResponse response) {
        public static Answer json(int status, Object document) {
            return new Answer(
                    HttpResponse.of(HttpStatus.valueOf(status), MediaType.JSON, HttpData.wrap(Json.write(document))));
        }

        public static Answer ok(Object document) {
            return json(200, document);
        }

        /** 202: what was asked for goes on at {@code location}. */
        public static Answer accepted(String location, Object document) {
            ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.ACCEPTED)
                    .contentType(MediaType.JSON)
                    .set(HttpHeaderNames.LOCATION, location)
                    .build();
            return new Answer(HttpResponse.of(headers, HttpData.wrap(Json.write(document))));
        }

        public static Answer bytes(String mediaType, byte[] body) {
            return new Answer(HttpResponse.of(HttpStatus.OK, MediaType.parse(mediaType), HttpData.wrap(body)));
        }

        public static Answer nothing() {
            return new Answer(HttpResponse.of(204));
        }
    }
}
