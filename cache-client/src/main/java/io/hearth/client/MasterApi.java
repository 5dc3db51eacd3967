package io.hearth.client;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.api.CheckReport;
import io.hearth.protocol.api.DatasetList;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Eviction;
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
