package io.hearth.worker;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.api.Json;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.tier.TierStore;

/** POST /v1/evictions: drops the objects that a master names. */
final class EvictionService implements HttpService {
    private static final int OBJECTS_MAX = 65_536;

    private final TierStore store;
    private final DiskThreads disk;

    EvictionService(TierStore store, DiskThreads disk) {
        this.store = store;
        this.disk = disk;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        return HttpResponse.of(request.aggregate()
                .thenCompose(whole -> disk.call(() -> evict(whole)))
                .thenApply(JsonAnswers::ok)
                .exceptionally(JsonAnswers::failed));
    }

    private Eviction.Result evict(AggregatedHttpRequest request) {
        Eviction.Order order = Json.read(request.content().array(), Eviction.Order.class);
        if (order.objects() == null || order.objects().size() > OBJECTS_MAX) {
            throw new HearthException(FailureKind.INVALID, "name up to " + OBJECTS_MAX + " objects");
        }
        return store.evict(order.objects().stream().map(ObjectId::parse).toList());
    }
}
