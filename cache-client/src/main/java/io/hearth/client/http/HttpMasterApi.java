package io.hearth.client.http;

import io.hearth.client.ClientSettings;
import io.hearth.client.MasterApi;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.CheckReport;
import io.hearth.protocol.api.DatasetList;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadList;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.api.NewDataset;
import io.hearth.protocol.api.Renewal;
import io.hearth.protocol.api.Residency;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.SessionRequest;
import io.hearth.protocol.api.Ticket;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.api.WorkerList;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.protocol.wire.ResidencyReport;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** {@link MasterApi} over HTTP, against any of several masters. Nothing of a body is ever logged. */
public final class HttpMasterApi implements MasterApi {
    private final MasterCalls calls;
    private final Duration timeout;
    private final Duration listingTimeout;
    private final Duration watchIdleTimeout;

    /**
     * @param masters base URLs, such as {@code http://127.0.0.1:7070}; any of them answers for all
     * @param token shown to them with every call
     */
    public HttpMasterApi(List<URI> masters, ClientSettings settings, ClusterToken token) {
        this.calls = new MasterCalls(masters, settings, token);
        this.timeout = settings.masterTimeout();
        this.listingTimeout = settings.listingTimeout();
        this.watchIdleTimeout = settings.watchIdleTimeout();
    }

    @Override
    public CompletableFuture<DatasetStatus> create(DatasetName name, DatasetSpec spec) {
        // Sent twice, the second would find the name taken by the first.
        return ask(
                MasterCall.post(datasets(name.namespace()), new NewDataset(name.name(), spec), timeout)
                        .once(),
                DatasetStatus.class);
    }

    @Override
    public CompletableFuture<CheckReport> check(DatasetName name, DatasetSpec spec) {
        String path = "/v1/namespaces/" + name.namespace() + "/dataset-checks";
        return ask(MasterCall.post(path, new NewDataset(name.name(), spec), listingTimeout), CheckReport.class);
    }

    @Override
    public CompletableFuture<DatasetList> list(String namespace) {
        return ask(MasterCall.get(datasets(namespace), timeout), DatasetList.class);
    }

    @Override
    public CompletableFuture<DatasetStatus> describe(DatasetName name) {
        return ask(MasterCall.get(path(name), timeout), DatasetStatus.class);
    }

    @Override
    public CompletableFuture<DatasetStatus> update(DatasetName name, DatasetSpec spec) {
        return ask(MasterCall.put(path(name), spec, timeout), DatasetStatus.class);
    }

    @Override
    public CompletableFuture<DatasetStatus> refresh(DatasetName name) {
        return ask(MasterCall.poke(path(name) + "/refresh", listingTimeout), DatasetStatus.class);
    }

    @Override
    public CompletableFuture<Void> delete(DatasetName name) {
        return tell(MasterCall.delete(path(name), timeout));
    }

    @Override
    public CompletableFuture<Residency> residency(DatasetName name) {
        return ask(MasterCall.get(path(name) + "/residency", timeout), Residency.class);
    }

    @Override
    public CompletableFuture<Eviction.Result> evict(DatasetName name, Eviction.Request request) {
        return ask(MasterCall.post(path(name) + "/evictions", request, listingTimeout), Eviction.Result.class);
    }

    @Override
    public CompletableFuture<LoadStatus> createLoad(DatasetName name, LoadSpec spec) {
        // The master may have to list the origin first.
        return ask(MasterCall.post(path(name) + "/loads", spec, listingTimeout), LoadStatus.class);
    }

    @Override
    public CompletableFuture<LoadStatus> load(DatasetName name, String load) {
        return ask(MasterCall.get(load(path(name), load), timeout), LoadStatus.class);
    }

    @Override
    public CompletableFuture<LoadList> loads(DatasetName name) {
        return ask(MasterCall.get(path(name) + "/loads", timeout), LoadList.class);
    }

    @Override
    public CompletableFuture<LoadList> loads(String namespace) {
        return ask(MasterCall.get("/v1/namespaces/" + escape(namespace) + "/loads", timeout), LoadList.class);
    }

    @Override
    public CompletableFuture<LoadStatus> cancelLoad(DatasetName name, String load) {
        // Sent twice, the second would find the load ended by the first.
        return ask(MasterCall.delete(load(path(name), load), timeout).once(), LoadStatus.class);
    }

    @Override
    public CompletableFuture<LoadStatus> watchLoad(DatasetName name, String load, Consumer<LoadStatus> each) {
        MasterCall call = MasterCall.get(load(path(name), load) + "/watch", watchIdleTimeout);
        LoadWatchExchange watch = new LoadWatchExchange(call, each);
        CompletableFuture<LoadStatus> last = plainFailures(calls.send(call, watch));
        last.whenComplete((status, thrown) -> watch.close());
        return last;
    }

    @Override
    public CompletableFuture<Ticket> ticket(DatasetName name) {
        return ask(MasterCall.get(path(name) + "/ticket", timeout), Ticket.class);
    }

    @Override
    public CompletableFuture<Session> openSession(DatasetName name, SessionRequest request) {
        return ask(MasterCall.post(path(name) + "/sessions", request, timeout), Session.class);
    }

    @Override
    public CompletableFuture<Session> renewSession(DatasetName name, String session, Renewal renewal) {
        Duration wait = timeout.plusMillis(renewal.waitMs());
        return ask(MasterCall.post(session(name, session) + "/renew", renewal, wait), Session.class);
    }

    @Override
    public CompletableFuture<Void> closeSession(DatasetName name, String session) {
        return tell(MasterCall.delete(session(name, session), timeout));
    }

    @Override
    public CompletableFuture<Generation> generation(DatasetName name, String id) {
        MasterCall call = MasterCall.get(path(name) + "/generations/" + escape(id), timeout);
        return plainFailures(ask(call, Generation.class).thenApply(generation -> checked(generation, id)));
    }

    @Override
    public CompletableFuture<byte[]> segment(DatasetName name, String id) {
        MasterCall call = MasterCall.get(path(name) + "/segments/" + escape(id), timeout);
        return plainFailures(calls.send(call.answerBytesMax(Segment.BYTES_MAX)).thenApply(bytes -> checked(bytes, id)));
    }

    @Override
    public CompletableFuture<byte[]> order(DatasetName name, ObjectId object) {
        MasterCall call = MasterCall.get(order(path(name), object), timeout);
        return plainFailures(calls.send(call.answerBytesMax(BlockOrder.BYTES_MAX)));
    }

    @Override
    public CompletableFuture<Void> keepOrder(DatasetName name, ObjectId object, byte[] order) {
        return tell(MasterCall.putBytes(order(path(name), object), order, timeout));
    }

    @Override
    public CompletableFuture<WorkerLease> register(WorkerRegistration worker) {
        return ask(MasterCall.post("/v1/workers", worker, timeout), WorkerLease.class);
    }

    @Override
    public CompletableFuture<WorkerLease> heartbeat(WorkerRegistration worker) {
        return ask(MasterCall.post(worker(worker.id()) + "/heartbeat", worker, timeout), WorkerLease.class);
    }

    @Override
    public CompletableFuture<WorkerLease> report(ResidencyReport report) {
        String path = worker(report.workerId()) + "/residency";
        return ask(MasterCall.postBytes(path, report.encode(), timeout), WorkerLease.class);
    }

    @Override
    public CompletableFuture<Void> deregister(String worker, long incarnation) {
        return tell(MasterCall.delete(worker(worker) + "?incarnation=" + incarnation, timeout));
    }

    @Override
    public CompletableFuture<WorkerList> workers() {
        return ask(MasterCall.get("/v1/workers", timeout), WorkerList.class);
    }

    @Override
    public void close() {
        calls.close();
    }

    private static Generation checked(Generation generation, String id) {
        if (generation.formatVersion() != Generation.FORMAT_VERSION) {
            throw new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    "generation " + id + " is of format version " + generation.formatVersion()
                            + ": this build reads version " + Generation.FORMAT_VERSION);
        }
        if (!generation.id().equals(id)) {
            throw new HearthException(
                    FailureKind.CORRUPT, "the master gave generation " + generation.id() + " for " + id);
        }
        return generation;
    }

    private static byte[] checked(byte[] segment, String id) {
        if (!Segment.idOf(segment).equals(id)) {
            throw new HearthException(FailureKind.CORRUPT, "the bytes of segment " + id + " do not match its id");
        }
        return segment;
    }

    private <T> CompletableFuture<T> ask(MasterCall call, Class<T> type) {
        return plainFailures(calls.send(call).thenApply(body -> Json.read(body, type)));
    }

    private CompletableFuture<Void> tell(MasterCall call) {
        return plainFailures(calls.send(call).thenApply(body -> null));
    }

    /** The same without the wrappers that stages put around a failure. */
    private static <T> CompletableFuture<T> plainFailures(CompletableFuture<T> future) {
        CompletableFuture<T> plain = new CompletableFuture<>();
        future.whenComplete((value, thrown) -> {
            if (thrown == null) {
                plain.complete(value);
            } else {
                plain.completeExceptionally(HearthException.of(thrown));
            }
        });
        return plain;
    }

    private static String datasets(String namespace) {
        return "/v1/namespaces/" + escape(namespace) + "/datasets";
    }

    private static String path(DatasetName name) {
        return datasets(name.namespace()) + "/" + name.name();
    }

    private static String load(String dataset, String load) {
        return dataset + "/loads/" + escape(load);
    }

    private static String order(String dataset, ObjectId object) {
        return dataset + "/orders/" + object;
    }

    private static String session(DatasetName name, String session) {
        return path(name) + "/sessions/" + escape(session);
    }

    private static String worker(String id) {
        return "/v1/workers/" + escape(id);
    }

    private static String escape(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
