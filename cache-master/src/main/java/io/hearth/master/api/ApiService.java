package io.hearth.master.api;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.hearth.master.api.ApiRoute.Answer;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one route: takes the body on the event loop, the rest on the API's threads. */
public final class ApiService implements HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(ApiService.class);

    private final ApiRoute route;
    private final Executor executor;

    public ApiService(ApiRoute route, Executor executor) {
        this.route = route;
        this.executor = executor;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        long startedAt = System.nanoTime();
        CompletableFuture<HttpResponse> response = request.aggregate()
                .thenComposeAsync(
                        body -> {
                            // From here on each handler has its own bound, which may be longer than the server's.
                            context.clearRequestTimeout();
                            return answer(context, body);
                        },
                        executor)
                .handle((answer, failure) -> failure == null ? answer.response() : refuse(failure))
                .whenComplete((done, never) ->
                        route.metrics().answered(route.operation(), Duration.ofNanos(System.nanoTime() - startedAt)));
        return HttpResponse.of(response);
    }

    private CompletableFuture<Answer> answer(ServiceRequestContext context, AggregatedHttpRequest body) {
        return route.handler()
                .handle(new ApiCall(context, body.content().array()))
                .toCompletableFuture();
    }

    private HttpResponse refuse(Throwable failure) {
        ApiErrors.Refusal refusal = ApiErrors.of(failure);
        route.metrics().failed(refusal.kind());
        if (refusal.kind() == FailureKind.INTERNAL) {
            LOG.error(
                    "{}: {}",
                    route.operation().id(),
                    HearthException.of(failure).getMessage(),
                    failure);
        }
        return refusal.response();
    }
}
