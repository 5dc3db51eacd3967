package io.hearth.client;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.CheckReport;
import io.hearth.protocol.api.DatasetList;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.api.LoadList;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.api.Renewal;
import io.hearth.protocol.api.Residency;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.SessionRequest;
import io.hearth.protocol.api.Ticket;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.api.WorkerList;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.wire.ResidencyReport;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The master's HTTP API. Thread-safe; nothing blocks. Every future fails with a
 * {@link io.hearth.protocol.HearthException} alone, whose message is the master's own line or says that no master
 * answered. The paths stand in the OpenAPI document at {@code /v1/openapi.json}.
 */
public interface MasterApi extends AutoCloseable {
    /** POST /v1/namespaces/{ns}/datasets */
    CompletableFuture<DatasetStatus> create(DatasetName name, DatasetSpec spec);

    /** POST /v1/namespaces/{ns}/dataset-checks: tries the origins live, saves nothing. */
    CompletableFuture<CheckReport> check(DatasetName name, DatasetSpec spec);

    /** GET /v1/namespaces/{ns}/datasets */
    CompletableFuture<DatasetList> list(String namespace);

    /** GET /v1/namespaces/{ns}/datasets/{name} */
    CompletableFuture<DatasetStatus> describe(DatasetName name);

    /** PUT /v1/namespaces/{ns}/datasets/{name} */
    CompletableFuture<DatasetStatus> update(DatasetName name, DatasetSpec spec);

    /** POST /v1/namespaces/{ns}/datasets/{name}/refresh: lists the origins again and answers when that is done. */
    CompletableFuture<DatasetStatus> refresh(DatasetName name);

    /** DELETE /v1/namespaces/{ns}/datasets/{name} */
    CompletableFuture<Void> delete(DatasetName name);

    /** GET .../datasets/{name}/residency */
    CompletableFuture<Residency> residency(DatasetName name);

    /** POST .../datasets/{name}/evictions */
    CompletableFuture<Eviction.Result> evict(DatasetName name, Eviction.Request request);

    /** POST .../datasets/{name}/loads: the same request joins the load that runs already, so it is safe to repeat. */
    CompletableFuture<LoadStatus> createLoad(DatasetName name, LoadSpec spec);

    /** GET .../datasets/{name}/loads/{load} */
    CompletableFuture<LoadStatus> load(DatasetName name, String load);

    /** GET .../datasets/{name}/loads: the dataset's loads, the newest last. */
    CompletableFuture<LoadList> loads(DatasetName name);

    /** GET /v1/namespaces/{ns}/loads: the loads of all datasets of a namespace, the newest last. */
    CompletableFuture<LoadList> loads(String namespace);

    /** DELETE .../datasets/{name}/loads/{load}: CONFLICT for a load that has ended. */
    CompletableFuture<LoadStatus> cancelLoad(DatasetName name, String load);

    /**
     * GET .../datasets/{name}/loads/{load}/watch: follows a load until its phase has ended. A stream that breaks or
     * falls silent is UNAVAILABLE and may be watched again; it then starts with the load as it stands.
     *
     * @param each gets every status, the last one too, in order; called on the client's own thread, so it must not
     *     block
     * @return the status whose phase has ended; cancelling it ends the stream
     */
    CompletableFuture<LoadStatus> watchLoad(DatasetName name, String load, Consumer<LoadStatus> each);

    /** GET .../datasets/{name}/ticket */
    CompletableFuture<Ticket> ticket(DatasetName name);

    /** POST .../datasets/{name}/sessions */
    CompletableFuture<Session> openSession(DatasetName name, SessionRequest request);

    /** POST .../datasets/{name}/sessions/{id}/renew: waits at the master for a newer generation, up to waitMs. */
    CompletableFuture<Session> renewSession(DatasetName name, String session, Renewal renewal);

    /** DELETE .../datasets/{name}/sessions/{id} */
    CompletableFuture<Void> closeSession(DatasetName name, String session);

    /** GET .../datasets/{name}/generations/{id} */
    CompletableFuture<Generation> generation(DatasetName name, String id);

    /** GET .../datasets/{name}/segments/{id}: a segment's bytes, checked against its id. */
    CompletableFuture<byte[]> segment(DatasetName name, String id);

    /**
     * GET .../datasets/{name}/orders/{id}: the order in which an object was read, as bytes of a
     * {@link io.hearth.protocol.BlockOrder}; NOT_FOUND where none is kept.
     */
    CompletableFuture<byte[]> order(DatasetName name, ObjectId object);

    /** PUT .../datasets/{name}/orders/{id}: keeps such an order in place of the one before. */
    CompletableFuture<Void> keepOrder(DatasetName name, ObjectId object, byte[] order);

    /** POST /v1/workers */
    CompletableFuture<WorkerLease> register(WorkerRegistration worker);

    /** POST /v1/workers/{id}/heartbeat: tier use, as in the registration. */
    CompletableFuture<WorkerLease> heartbeat(WorkerRegistration worker);

    /** POST /v1/workers/{id}/residency: binary, {@link ResidencyReport#encode()}. */
    CompletableFuture<WorkerLease> report(ResidencyReport report);

    /** DELETE /v1/workers/{id}?incarnation=N */
    CompletableFuture<Void> deregister(String worker, long incarnation);

    /** GET /v1/workers */
    CompletableFuture<WorkerList> workers();

    @Override
    void close();
}
