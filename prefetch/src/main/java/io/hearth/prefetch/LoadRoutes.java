package io.hearth.prefetch;

import io.hearth.master.api.ApiCall;
import io.hearth.master.api.ApiMetrics;
import io.hearth.master.api.ApiPart;
import io.hearth.master.api.ApiRoute;
import io.hearth.master.api.ApiRoute.Answer;
import io.hearth.master.api.ApiRoute.Handler;
import io.hearth.master.api.OpenApiDocument;
import io.hearth.protocol.api.LoadSpec;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What each operation of loads does; {@code openapi.json} beside this class describes them. */
final class LoadRoutes {
    private final LoadEngine engine;
    private final LoadWatches watches;
    private final long bodyMax;
    private final ApiMetrics metrics;

    LoadRoutes(LoadEngine engine, LoadWatches watches, long bodyMax, ApiMetrics metrics) {
        this.engine = engine;
        this.watches = watches;
        this.bodyMax = bodyMax;
        this.metrics = metrics;
    }

    ApiPart part() {
        List<ApiRoute> routes = Arrays.stream(LoadOperation.values())
                .map(operation -> new ApiRoute(operation.api(), bodyMax, handler(operation), metrics))
                .toList();
        return new ApiPart(routes, OpenApiDocument.beside(LoadRoutes.class));
    }

    private Handler handler(LoadOperation operation) {
        return switch (operation) {
            case LIST_NAMESPACE_LOADS -> Handler.now(call -> Answer.ok(engine.list(call.param("ns"))));
            case LIST_LOADS -> Handler.now(call -> Answer.ok(engine.list(call.dataset())));
            case CREATE_LOAD -> this::create;
            case DESCRIBE_LOAD -> Handler.now(call -> Answer.ok(engine.describe(call.dataset(), call.param("load"))));
            case CANCEL_LOAD ->
                call -> engine.cancel(call.dataset(), call.param("load")).thenApply(Answer::ok);
            case WATCH_LOAD -> Handler.now(this::watch);
        };
    }

    private CompletionStage<Answer> create(ApiCall call) {
        LoadSpec spec = call.body().length == 0 ? LoadSpec.whole() : call.json(LoadSpec.class);
        return engine.create(call.dataset(), spec)
                .thenApply(load -> Answer.accepted(
                        "/v1/namespaces/" + load.namespace() + "/datasets/" + load.dataset() + "/loads/" + load.name(),
                        load));
    }

    private Answer watch(ApiCall call) {
        LoadWatch watch = watches.open();
        try {
            engine.watch(call.dataset(), call.param("load"), watch);
            return new Answer(watch.response());
        } catch (RuntimeException e) {
            watch.abandon();
            throw e;
        }
    }
}
