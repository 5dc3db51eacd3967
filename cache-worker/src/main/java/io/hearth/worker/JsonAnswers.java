package io.hearth.worker;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;

/** The form of answers on the admin port. */
final class JsonAnswers {
    private JsonAnswers() {}

    static HttpResponse ok(Object document) {
        return of(HttpStatus.OK, document);
    }

    /** An {@link ErrorDocument} with the status of the failure's kind. */
    static HttpResponse failed(Throwable failure) {
        HearthException why = HearthException.of(failure);
        int status = why.kind().httpStatus();
        return of(
                HttpStatus.valueOf(status),
                new ErrorDocument(status, why.kind().code(), String.valueOf(why.getMessage())));
    }

    private static HttpResponse of(HttpStatus status, Object document) {
        return HttpResponse.of(status, MediaType.JSON, Json.write(document));
    }
}
