package io.hearth.worker;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServerBuilder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LendingOrder;
import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Durations;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.lend.Lending;
import io.hearth.worker.tier.Medium;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** GET and POST /v1/lending: what is lent, and orders to lend less or more. */
final class LendingService {
    private static final Duration BUSY_MAX = Duration.ofDays(1);

    private final Lending lending;
    private final DiskThreads disk;

    LendingService(Lending lending, DiskThreads disk) {
        this.lending = lending;
        this.disk = disk;
    }

    void install(ServerBuilder server) {
        server.route().get("/v1/lending").build((context, request) -> JsonAnswers.ok(lending.status()));
        server.route()
                .post("/v1/lending")
                .build((context, request) -> HttpResponse.of(request.aggregate()
                        .thenCompose(whole -> disk.call(() -> follow(whole)))
                        .thenApply(JsonAnswers::ok)
                        .exceptionally(JsonAnswers::failed)));
    }

    private LendingOrder.Result follow(AggregatedHttpRequest request) {
        LendingOrder order = Json.read(request.content().array(), LendingOrder.class);
        long orders = Stream.<Optional<?>>of(order.give(), order.drain(), order.resume(), order.busy())
                .filter(Optional::isPresent)
                .count();
        if (orders != 1 || order.medium().isPresent() && order.give().isEmpty()) {
            throw invalid("write one of {\"give\": \"2GiB\"}, {\"drain\": true}, {\"drain\": false}, {\"resume\": true}"
                    + " and {\"busy\": \"10m\"}; \"medium\" goes with \"give\"");
        }
        if (order.give().isPresent()) {
            return give(order.give().get(), order.medium().orElse("MEM"));
        }
        if (order.drain().isPresent()) {
            return lending.drain(order.drain().get());
        }
        return order.busy().isPresent()
                ? busy(order.busy().get())
                : resume(order.resume().orElseThrow());
    }

    private LendingOrder.Result give(String size, String medium) {
        long bytes = DataSize.parse(size).bytes();
        if (bytes < 1) {
            throw invalid("give must be above 0");
        }
        try {
            return lending.give(bytes, Medium.valueOf(medium.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw invalid("'" + medium + "' is no medium: write MEM, SSD or HDD");
        }
    }

    private LendingOrder.Result busy(String time) {
        Duration busy = Durations.parse(time);
        if (busy.compareTo(BUSY_MAX) > 0) {
            throw invalid("busy is at most " + Durations.format(BUSY_MAX));
        }
        if (!lending.limitsNetwork()) {
            throw new HearthException(
                    FailureKind.CONFLICT,
                    "no rate is set for a busy node: start the worker with worker.lend.network-busy-rate");
        }
        return lending.busy(busy);
    }

    private LendingOrder.Result resume(boolean resume) {
        if (!resume) {
            throw invalid("resume is true or left out");
        }
        return lending.resume();
    }

    private static HearthException invalid(String line) {
        return new HearthException(FailureKind.INVALID, line);
    }
}
