package io.hearth.master;

import io.hearth.master.api.ApiCall;
import io.hearth.master.api.ApiMetrics;
import io.hearth.master.api.ApiPart;
import io.hearth.master.api.ApiRoute;
import io.hearth.master.api.ApiRoute.Answer;
import io.hearth.master.api.ApiRoute.Handler;
import io.hearth.master.api.OpenApiDocument;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.api.NewDataset;
import io.hearth.protocol.api.Renewal;
import io.hearth.protocol.api.SessionRequest;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.wire.ResidencyReport;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * What each operation of the API does. {@code openapi.json} describes the same operations; a test holds the two
 * together.
 */
final class MasterRoutes {
    private static final int CLIENT_CHARS_MAX = 4096;
    private static final Pattern WORKER_ID = Pattern.compile("[A-Za-z0-9._-]{1,253}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final Datasets datasets;
    private final Sessions sessions;
    private final GenerationCollector collector;
    private final Catalog catalog;
    private final GenerationStore generations;
    private final ReadingOrders orders;
    private final Membership membership;
    private final Evictions evictions;
    private final long bodyMax;
    private final ApiMetrics metrics;

    MasterRoutes(
            Datasets datasets,
            Sessions sessions,
            GenerationCollector collector,
            Catalog catalog,
            GenerationStore generations,
            ReadingOrders orders,
            Membership membership,
            Evictions evictions,
            MasterSettings settings,
            ApiMetrics metrics) {
        this.datasets = datasets;
        this.sessions = sessions;
        this.collector = collector;
        this.catalog = catalog;
        this.generations = generations;
        this.orders = orders;
        this.membership = membership;
        this.evictions = evictions;
        this.bodyMax = settings.requestMax().bytes();
        this.metrics = metrics;
    }

    /** These operations, and the document over them and those of {@code others}. */
    ApiPart part(List<ApiPart> others) {
        byte[] document = OpenApiDocument.of(
                OpenApiDocument.beside(MasterRoutes.class),
                others.stream().map(ApiPart::openApi).toList());
        List<ApiRoute> routes = Arrays.stream(Operation.values())
                .map(operation ->
                        new ApiRoute(operation.api(), bodyMax(operation), handler(operation, document), metrics))
                .toList();
        return new ApiPart(routes, document);
    }

    private long bodyMax(Operation operation) {
        return switch (operation) {
            case REPORT_RESIDENCY -> ResidencyReport.BYTES_MAX;
            case KEEP_ORDER -> BlockOrder.BYTES_MAX;
            default -> bodyMax;
        };
    }

    private Handler handler(Operation operation, byte[] document) {
        return switch (operation) {
            case OPEN_API -> Handler.now(call -> Answer.bytes("application/json", document));
            case LIST_DATASETS -> Handler.now(call -> Answer.ok(datasets.list(call.param("ns"))));
            case CREATE_DATASET -> Handler.now(this::create);
            case CHECK_DATASET -> Handler.now(this::check);
            case DESCRIBE_DATASET -> Handler.now(call -> Answer.ok(datasets.describe(call.dataset())));
            case UPDATE_DATASET -> Handler.now(this::update);
            case DELETE_DATASET -> Handler.now(this::delete);
            case REFRESH_DATASET -> call -> datasets.refresh(call.dataset()).thenApply(Answer::ok);
            case RESIDENCY -> Handler.now(call -> Answer.ok(datasets.residency(call.dataset())));
            case EVICT -> Handler.now(this::evict);
            case TICKET -> Handler.now(call -> Answer.ok(datasets.ticket(call.dataset())));
            case OPEN_SESSION -> this::openSession;
            case RENEW_SESSION -> this::renewSession;
            case CLOSE_SESSION -> Handler.now(this::closeSession);
            case GENERATION -> Handler.now(this::generation);
            case SEGMENT -> Handler.now(this::segment);
            case ORDER -> Handler.now(this::order);
            case KEEP_ORDER -> Handler.now(this::keepOrder);
            case WORKERS -> Handler.now(call -> Answer.ok(membership.list()));
            case REGISTER_WORKER -> Handler.now(call -> Answer.ok(membership.seen(registration(call))));
            case HEARTBEAT -> Handler.now(this::heartbeat);
            case REPORT_RESIDENCY -> Handler.now(this::report);
            case DEREGISTER_WORKER -> Handler.now(this::deregister);
        };
    }

    private Answer create(ApiCall call) {
        NewDataset wanted = call.json(NewDataset.class);
        DatasetName name = new DatasetName(call.param("ns"), wanted.name());
        return Answer.json(201, datasets.create(name, ApiCall.required("spec", wanted.spec())));
    }

    private Answer check(ApiCall call) {
        NewDataset wanted = call.json(NewDataset.class);
        DatasetName name = new DatasetName(call.param("ns"), wanted.name());
        return Answer.ok(datasets.check(name, ApiCall.required("spec", wanted.spec())));
    }

    private Answer update(ApiCall call) {
        return Answer.ok(datasets.update(call.dataset(), call.json(DatasetSpec.class)));
    }

    private Answer delete(ApiCall call) {
        datasets.delete(call.dataset());
        return Answer.nothing();
    }

    private Answer evict(ApiCall call) {
        Eviction.Request request = call.json(Eviction.Request.class);
        Optional<String> path = request.path() == null ? Optional.empty() : request.path();
        return Answer.ok(evictions.evict(call.dataset(), path));
    }

    private CompletionStage<Answer> openSession(ApiCall call) {
        SessionRequest request = call.json(SessionRequest.class);
        Optional<String> refresh = request.refresh() == null ? Optional.empty() : request.refresh();
        String client = ApiCall.required("client", request.client());
        if (client.length() > CLIENT_CHARS_MAX) {
            throw new HearthException(
                    FailureKind.INVALID, "a client's name has at most " + CLIENT_CHARS_MAX + " characters");
        }
        return sessions.open(call.dataset(), new SessionRequest(client, refresh))
                .thenApply(session -> Answer.json(201, session));
    }

    private CompletionStage<Answer> renewSession(ApiCall call) {
        return sessions.renew(call.dataset(), call.param("id"), call.json(Renewal.class))
                .thenApply(Answer::ok);
    }

    private Answer closeSession(ApiCall call) {
        sessions.close(call.dataset(), call.param("id"));
        collector.consider(catalog.require(call.dataset()).uid(), call.dataset());
        return Answer.nothing();
    }

    private Answer generation(ApiCall call) {
        String id = digest(call);
        return generations
                .manifest(catalog.require(call.dataset()).uid(), id)
                .map(json -> Answer.bytes("application/json", json))
                .orElseThrow(() -> gone("generation", id, call.dataset()));
    }

    private Answer segment(ApiCall call) {
        String id = digest(call);
        return generations
                .segment(catalog.require(call.dataset()).uid(), id)
                .map(bytes -> Answer.bytes("application/octet-stream", bytes))
                .orElseThrow(() -> gone("segment", id, call.dataset()));
    }

    private Answer order(ApiCall call) {
        String id = digest(call);
        return orders.find(catalog.require(call.dataset()).uid(), ObjectId.parse(id))
                .map(bytes -> Answer.bytes("application/octet-stream", bytes))
                .orElseThrow(
                        () -> new HearthException(FailureKind.NOT_FOUND, "no order of reading " + id + " is kept"));
    }

    private Answer keepOrder(ApiCall call) {
        orders.keep(catalog.require(call.dataset()), ObjectId.parse(digest(call)), call.body());
        return Answer.nothing();
    }

    private Answer heartbeat(ApiCall call) {
        WorkerRegistration worker = registration(call);
        requireSame(call.param("id"), worker.id());
        return Answer.ok(membership.seen(worker));
    }

    private Answer report(ApiCall call) {
        ResidencyReport report = ResidencyReport.decode(call.body());
        requireSame(call.param("id"), report.workerId());
        return Answer.ok(membership.report(report));
    }

    private Answer deregister(ApiCall call) {
        membership.deregister(call.param("id"), call.longQuery("incarnation"));
        return Answer.nothing();
    }

    private static WorkerRegistration registration(ApiCall call) {
        WorkerRegistration worker = call.json(WorkerRegistration.class);
        if (worker.id() == null || !WORKER_ID.matcher(worker.id()).matches()) {
            throw new HearthException(
                    FailureKind.INVALID, "a worker's id has 1 to 253 of letters, digits, '.', '_' and '-'");
        }
        ApiCall.required("host", worker.host());
        ApiCall.required("version", worker.version());
        for (WorkerRegistration.TierUse tier : ApiCall.required("tiers", worker.tiers())) {
            ApiCall.required("medium", ApiCall.required("tiers[]", tier).medium());
        }
        if (!port(worker.dataPort()) || !port(worker.adminPort())) {
            throw new HearthException(FailureKind.INVALID, "dataPort and adminPort are 1 to 65535");
        }
        return worker;
    }

    private static boolean port(int port) {
        return port > 0 && port < 65_536;
    }

    private static void requireSame(String path, String body) {
        if (!path.equals(body)) {
            throw new HearthException(FailureKind.INVALID, "the path names worker " + path + ", the body " + body);
        }
    }

    private static String digest(ApiCall call) {
        String id = call.param("id");
        if (!DIGEST.matcher(id).matches()) {
            throw new HearthException(FailureKind.INVALID, "an id here has 64 hexadecimal digits");
        }
        return id;
    }

    private static HearthException gone(String what, String id, DatasetName name) {
        return new HearthException(
                FailureKind.NOT_FOUND,
                "the dataset " + name + " has no " + what + " " + id + " (any more): renew the session");
    }
}
