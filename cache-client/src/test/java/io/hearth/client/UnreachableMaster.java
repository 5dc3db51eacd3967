package io.hearth.client;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
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

/** A master that never answers; a test says what it does answer. */
abstract class UnreachableMaster implements MasterApi {
    private static <T> CompletableFuture<T> silence() {
        return CompletableFuture.failedFuture(new HearthException(FailureKind.UNAVAILABLE, "no master answers"));
    }

    @Override
    public CompletableFuture<DatasetStatus> create(DatasetName name, DatasetSpec spec) {
        return silence();
    }

    @Override
    public CompletableFuture<CheckReport> check(DatasetName name, DatasetSpec spec) {
        return silence();
    }

    @Override
    public CompletableFuture<DatasetList> list(String namespace) {
        return silence();
    }

    @Override
    public CompletableFuture<DatasetStatus> describe(DatasetName name) {
        return silence();
    }

    @Override
    public CompletableFuture<DatasetStatus> update(DatasetName name, DatasetSpec spec) {
        return silence();
    }

    @Override
    public CompletableFuture<DatasetStatus> refresh(DatasetName name) {
        return silence();
    }

    @Override
    public CompletableFuture<Void> delete(DatasetName name) {
        return silence();
    }

    @Override
    public CompletableFuture<Residency> residency(DatasetName name) {
        return silence();
    }

    @Override
    public CompletableFuture<Eviction.Result> evict(DatasetName name, Eviction.Request request) {
        return silence();
    }

    @Override
    public CompletableFuture<LoadStatus> createLoad(DatasetName name, LoadSpec spec) {
        return silence();
    }

    @Override
    public CompletableFuture<LoadStatus> load(DatasetName name, String load) {
        return silence();
    }

    @Override
    public CompletableFuture<LoadList> loads(DatasetName name) {
        return silence();
    }

    @Override
    public CompletableFuture<LoadList> loads(String namespace) {
        return silence();
    }

    @Override
    public CompletableFuture<LoadStatus> cancelLoad(DatasetName name, String load) {
        return silence();
    }

    @Override
    public CompletableFuture<LoadStatus> watchLoad(DatasetName name, String load, Consumer<LoadStatus> each) {
        return silence();
    }

    @Override
    public CompletableFuture<Ticket> ticket(DatasetName name) {
        return silence();
    }

    @Override
    public CompletableFuture<Session> openSession(DatasetName name, SessionRequest request) {
        return silence();
    }

    @Override
    public CompletableFuture<Session> renewSession(DatasetName name, String session, Renewal renewal) {
        return silence();
    }

    @Override
    public CompletableFuture<Void> closeSession(DatasetName name, String session) {
        return silence();
    }

    @Override
    public CompletableFuture<Generation> generation(DatasetName name, String id) {
        return silence();
    }

    @Override
    public CompletableFuture<byte[]> segment(DatasetName name, String id) {
        return silence();
    }

    @Override
    public CompletableFuture<byte[]> order(DatasetName name, ObjectId object) {
        return silence();
    }

    @Override
    public CompletableFuture<Void> keepOrder(DatasetName name, ObjectId object, byte[] order) {
        return silence();
    }

    @Override
    public CompletableFuture<WorkerLease> register(WorkerRegistration worker) {
        return silence();
    }

    @Override
    public CompletableFuture<WorkerLease> heartbeat(WorkerRegistration worker) {
        return silence();
    }

    @Override
    public CompletableFuture<WorkerLease> report(ResidencyReport report) {
        return silence();
    }

    @Override
    public CompletableFuture<Void> deregister(String worker, long incarnation) {
        return silence();
    }

    @Override
    public CompletableFuture<WorkerList> workers() {
        return silence();
    }

    @Override
    public void close() {}
}
