package io.hearth.worker;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.LoadShare.Status;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.share.Share;
import io.hearth.worker.share.ShareOrder;
import io.hearth.worker.share.Shares;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** The routes of shares of loads. Orders are parsed and statuses counted on disk threads; who waits holds no thread. */
final class ShareService {
    /** An order of {@link LoadShare#ITEMS_MAX} items with keys, validators and bitmaps at their longest has 30 MB. */
    private static final long ORDER_BYTES_MAX = 32 << 20;

    private static final int WAIT_MS_MAX = 10_000;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private final Shares shares;
    private final DiskThreads disk;

    ShareService(Shares shares, DiskThreads disk) {
        this.shares = shares;
        this.disk = disk;
    }

    void install(ServerBuilder server) {
        server.route()
                .put("/v1/shares/{id}")
                .maxRequestLength(ORDER_BYTES_MAX)
                .build((context, request) -> answer(() -> put(context, request)));
        server.route().get("/v1/shares/{id}").build((context, request) -> answer(() -> get(context)));
        server.route()
                .post("/v1/shares/{id}/fill")
                .build((context, request) -> answer(() -> status(context, Share::fill)));
        server.route()
                .post("/v1/shares/{id}/verify")
                .build((context, request) -> answer(() -> status(context, Share::verify)));
        server.route()
                .delete("/v1/shares/{id}")
                .build((context, request) -> HttpResponse.of(CompletableFuture.completedFuture(context)
                        .thenCompose(same -> end(id(same)))
                        .thenApply(ended -> HttpResponse.of(HttpStatus.NO_CONTENT))
                        .exceptionally(JsonAnswers::failed)));
    }

    /** A route's work; what it throws is an answer as well. */
    private interface Call {
        CompletionStage<Status> run();
    }

    private interface Command {
        void run(Share share);
    }

    private static HttpResponse answer(Call call) {
        return HttpResponse.of(CompletableFuture.completedFuture(call)
                .thenCompose(Call::run)
                .thenApply(JsonAnswers::ok)
                .exceptionally(JsonAnswers::failed));
    }

    private CompletionStage<Status> put(ServiceRequestContext context, HttpRequest request) {
        String id = id(context);
        return request.aggregate()
                .thenCompose(whole -> disk.call(() -> {
                    Share share = shares.known(id).orElseGet(() -> shares.begin(id, order(whole)));
                    return share.status();
                }));
    }

    private static ShareOrder order(AggregatedHttpRequest request) {
        return ShareOrder.of(Json.read(request.content().array(), LoadShare.Order.class));
    }

    private CompletionStage<Status> status(ServiceRequestContext context, Command command) {
        String id = id(context);
        return disk.call(() -> {
            Share share = shares.get(id);
            command.run(share);
            return share.status();
        });
    }

    private CompletionStage<Status> get(ServiceRequestContext context) {
        String id = id(context);
        Optional<Stage> after = Optional.ofNullable(context.queryParam("after")).map(ShareService::stage);
        int waitMs = waitMs(context.queryParam("waitMs"));
        context.clearRequestTimeout();
        Share share = shares.get(id);
        return after.map(stage -> share.changed(stage, waitMs))
                .orElseGet(() -> CompletableFuture.completedFuture(null))
                .thenCompose(waited -> disk.call(() -> shares.get(id).status()));
    }

    /** Not on the event loop: the end of a fill may close files. */
    private CompletionStage<Void> end(String id) {
        return disk.call(() -> shares.end(id)).thenCompose(ended -> ended);
    }

    private static String id(ServiceRequestContext context) {
        String id = String.valueOf(context.pathParam("id"));
        if (!ID.matcher(id).matches()) {
            throw invalid("a share's id has 1 to 128 letters, digits, '.', '_' and '-', with a letter or digit first");
        }
        return id;
    }

    private static Stage stage(String text) {
        try {
            return Json.mapper().convertValue(text, Stage.class);
        } catch (IllegalArgumentException e) {
            throw invalid("after is a stage, such as Reserving, not '" + text + "'");
        }
    }

    private static int waitMs(String text) {
        try {
            int waitMs = text == null ? 0 : Integer.parseInt(text);
            if (waitMs >= 0 && waitMs <= WAIT_MS_MAX) {
                return waitMs;
            }
        } catch (NumberFormatException e) {
            throw invalid("waitMs is a number, not '" + text + "'");
        }
        throw invalid("waitMs is 0 to " + WAIT_MS_MAX + ", not " + text);
    }

    private static HearthException invalid(String message) {
        return new HearthException(FailureKind.INVALID, message);
    }
}
