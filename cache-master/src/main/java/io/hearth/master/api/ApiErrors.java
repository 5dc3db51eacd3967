package io.hearth.master.api;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ClosedSessionException;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseCompleteException;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import com.linecorp.armeria.server.HttpResponseException;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import java.util.concurrent.CompletionException;

/** Every error as an {@link ErrorDocument}, those that Armeria finds before a route included; never a stack trace. */
public final class ApiErrors implements ServerErrorHandler {
    /** An error's status, kind and line. */
    record Refusal(int status, FailureKind kind, String message) {
        HttpResponse response() {
            return HttpResponse.of(HttpStatus.valueOf(status), MediaType.JSON, body());
        }

        HttpData body() {
            return HttpData.wrap(Json.write(new ErrorDocument(status, kind.code(), message)));
        }
    }

    static Refusal of(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof ContentTooLargeException) {
            return ofStatus(413, "");
        }
        if (cause instanceof ResponseCompleteException
                || cause instanceof ClosedSessionException
                || cause instanceof ClosedStreamException
                || cause instanceof RequestTimeoutException) {
            return new Refusal(400, FailureKind.INVALID, "the request's body did not come to its end");
        }
        HearthException ours = HearthException.of(cause);
        String line = ours.kind() == FailureKind.INTERNAL && ours.getCause() != null
                ? "the master failed: its log says why"
                : ours.getMessage();
        return new Refusal(ours.kind().httpStatus(), ours.kind(), line);
    }

    @Override
    public HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
        if (cause instanceof HttpResponseException response) {
            return response.httpResponse();
        }
        if (cause instanceof HttpStatusException status) {
            return ofStatus(status.httpStatus().code(), context.method() + " " + context.path())
                    .response();
        }
        if (cause instanceof RequestTimeoutException) {
            return new Refusal(504, FailureKind.TIMEOUT, "the request's body did not come in time").response();
        }
        return of(cause).response();
    }

    @Override
    public AggregatedHttpResponse renderStatus(
            ServiceRequestContext context,
            ServiceConfig config,
            RequestHeaders headers,
            HttpStatus status,
            String description,
            Throwable cause) {
        if (status.isContentAlwaysEmpty() || status.code() < 400) {
            return null;
        }
        String what = headers == null ? "" : headers.method() + " " + headers.path();
        return AggregatedHttpResponse.of(
                status, MediaType.JSON, ofStatus(status.code(), what).body());
    }

    private static Refusal ofStatus(int status, String request) {
        return switch (status) {
            case 404 -> new Refusal(404, FailureKind.NOT_FOUND, "there is no " + request + ": see /v1/openapi.json");
            case 405 -> new Refusal(405, FailureKind.INVALID, "there is no " + request + ": see /v1/openapi.json");
            case 413 ->
                new Refusal(
                        413,
                        FailureKind.INVALID,
                        "the body is too large (master.request-max; for loads loads.request-max)");
            case 503 -> new Refusal(503, FailureKind.UNAVAILABLE, "the master is not ready: try again");
            default ->
                new Refusal(
                        status,
                        status < 500 ? FailureKind.INVALID : FailureKind.INTERNAL,
                        "the request was refused with status " + status);
        };
    }
}
