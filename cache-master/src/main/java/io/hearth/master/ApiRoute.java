package io.hearth.master;

import io.hearth.protocol.api.Json;
import java.util.concurrent.CompletionStage;

/**
 * One route of the API.
 *
 * @param bodyMax longest body taken, in bytes
 * @param handler answers a call; runs on the API's threads and may block
 */
record ApiRoute(Operation operation, long bodyMax, Handler handler) {
    /** Answers one call. Failures are {@link io.hearth.protocol.HearthException}s, thrown or in the future. */
    interface Handler {
        CompletionStage<Answer> handle(ApiCall call);
    }

    /** What goes back: a status, and a body of a media type. */
    record Answer(int status, String mediaType, byte[] body) {
        static Answer json(int status, Object document) {
            return new Answer(status, "application/json", Json.write(document));
        }

        static Answer ok(Object document) {
            return json(200, document);
        }

        static Answer bytes(String mediaType, byte[] body) {
            return new Answer(200, mediaType, body);
        }

        static Answer nothing() {
            return new Answer(204, "", new byte[0]);
        }
    }
}
