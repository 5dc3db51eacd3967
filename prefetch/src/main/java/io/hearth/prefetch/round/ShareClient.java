package io.hearth.prefetch.round;

import com.linecorp.armeria.client.RequestOptions;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.WorkerRegistration;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Shares at workers, over their admin ports. Thread-safe; nothing blocks. Failures are {@link HearthException}s. */
public final class ShareClient {
    private final WebClient client;
    private final Duration timeout;

    /** @param client without a base URI; its owner closes its factory */
    public ShareClient(WebClient client, Duration timeout) {
        this.client = client;
        this.timeout = timeout;
    }

    /** Makes the share, or finds it made. */
    CompletableFuture<LoadShare.Status> put(WorkerRegistration worker, String id, LoadShare.Order order) {
        return send(HttpMethod.PUT, path(worker, id), Json.write(order), timeout);
    }

    /** @param waitFor how long the worker may wait for another stage than {@code after} */
    CompletableFuture<LoadShare.Status> get(
            WorkerRegistration worker, String id, LoadShare.Stage after, Duration waitFor) {
        String query = "?after=" + Json.mapper().convertValue(after, String.class) + "&waitMs=" + waitFor.toMillis();
        return send(HttpMethod.GET, path(worker, id) + query, new byte[0], timeout.plus(waitFor));
    }

    /** As it stands now. */
    CompletableFuture<LoadShare.Status> get(WorkerRegistration worker, String id) {
        return send(HttpMethod.GET, path(worker, id), new byte[0], timeout);
    }

    CompletableFuture<LoadShare.Status> fill(WorkerRegistration worker, String id) {
        return send(HttpMethod.POST, path(worker, id) + "/fill", new byte[0], timeout);
    }

    CompletableFuture<LoadShare.Status> verify(WorkerRegistration worker, String id) {
        return send(HttpMethod.POST, path(worker, id) + "/verify", new byte[0], timeout);
    }

    CompletableFuture<Void> delete(WorkerRegistration worker, String id) {
        return exchange(HttpMethod.DELETE, path(worker, id), new byte[0], timeout)
                .thenApply(done -> null);
    }

    private static String path(WorkerRegistration worker, String id) {
        return worker.adminUri() + "/v1/shares/" + id;
    }

    private CompletableFuture<LoadShare.Status> send(HttpMethod method, String uri, byte[] body, Duration bound) {
        return exchange(method, uri, body, bound)
                .thenApply(answer -> Json.read(answer.content().array(), LoadShare.Status.class));
    }

    private CompletableFuture<AggregatedHttpResponse> exchange(
            HttpMethod method, String uri, byte[] body, Duration bound) {
        RequestHeadersBuilder headers = RequestHeaders.builder(method, uri);
        if (body.length > 0) {
            headers.contentType(MediaType.JSON);
        }
        RequestOptions options = RequestOptions.builder().responseTimeout(bound).build();
        return client.execute(HttpRequest.of(headers.build(), HttpData.wrap(body)), options)
                .aggregate()
                .handle((answer, failure) -> {
                    if (failure != null) {
                        throw new HearthException(FailureKind.UNAVAILABLE, "no answer at " + uri, failure);
                    }
                    return checked(answer);
                });
    }

    private static AggregatedHttpResponse checked(AggregatedHttpResponse answer) {
        if (answer.status().code() < 300) {
            return answer;
        }
        throw refusal(answer);
    }

    /** What stands before the worker's own answers, such as a proxy, has no documents. */
    private static HearthException refusal(AggregatedHttpResponse answer) {
        try {
            ErrorDocument error = Json.read(answer.content().array(), ErrorDocument.class);
            return new HearthException(FailureKind.ofCode(error.code()), error.message());
        } catch (HearthException e) {
            return new HearthException(
                    FailureKind.UNAVAILABLE,
                    "it answers with status " + answer.status().code(),
                    e);
        }
    }
}
