package io.hearth.fuse;

import io.hearth.client.MasterApi;
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
import io.hearth.protocol.generation.GenerationBuilder;
import io.hearth.protocol.wire.ResidencyReport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Masters in memory that hold one dataset: sessions with long polls, generations, segments; they can be down. */
final class FakeMasters implements MasterApi {
    static final DatasetName DATASET = new DatasetName("default", "models");
    static final Session.WorkerAddress WORKER = new Session.WorkerAddress("w1", "127.0.0.1", 7071);

    final AtomicInteger segmentsGiven = new AtomicInteger();
    final AtomicInteger sessionsOpened = new AtomicInteger();
    final Set<String> sessions = new HashSet<>();
    private final Map<String, Generation> generations = new HashMap<>();
    private final Map<String, byte[]> segments = new HashMap<>();
    private final Map<CompletableFuture<Session>, String> polls = new HashMap<>();
    private String newest = "";
    private boolean down;

    /** Makes {@code listing} the newest generation and answers the polls that wait for one. */
    synchronized void publish(GenerationBuilder.Listing listing) {
        newest = listing.generation().id();
        generations.put(newest, listing.generation());
        segments.putAll(listing.segments());
        polls.forEach((poll, id) -> poll.complete(session(id)));
        polls.clear();
    }

    synchronized void down(boolean now) {
        down = now;
        if (now) {
            polls.keySet().forEach(poll -> poll.completeExceptionally(unavailable()));
            polls.clear();
        }
    }

    synchronized void forgetSessions() {
        sessions.clear();
        polls.keySet().forEach(poll -> poll.completeExceptionally(unavailable()));
        polls.clear();
    }

    synchronized int openSessions() {
        return sessions.size();
    }

    private Session session(String id) {
        return new Session(id, 3000, newest, List.of(WORKER));
    }

    private static HearthException unavailable() {
        return new HearthException(FailureKind.UNAVAILABLE, "no master answered at 127.0.0.1:7070");
    }

    private static HearthException notFound(String what) {
        return new HearthException(FailureKind.NOT_FOUND, "there is no " + what);
    }

    @Override
    public synchronized CompletableFuture<Session> openSession(DatasetName name, SessionRequest request) {
        if (down) {
            return CompletableFuture.failedFuture(unavailable());
        }
        if (!name.equals(DATASET)) {
            return CompletableFuture.failedFuture(notFound("dataset " + name));
        }
        String id = "s" + sessionsOpened.incrementAndGet();
        sessions.add(id);
        return CompletableFuture.completedFuture(session(id));
    }

    @Override
    public synchronized CompletableFuture<Session> renewSession(DatasetName name, String session, Renewal renewal) {
        if (down) {
            return CompletableFuture.failedFuture(unavailable());
        }
        if (!sessions.contains(session)) {
            return CompletableFuture.failedFuture(notFound("session " + session));
        }
        if (!renewal.generation().equals(newest)) {
            return CompletableFuture.completedFuture(session(session));
        }
        CompletableFuture<Session> poll = new CompletableFuture<>();
        polls.put(poll, session);
        return poll.completeOnTimeout(session(session), renewal.waitMs(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized CompletableFuture<Void> closeSession(DatasetName name, String session) {
        sessions.remove(session);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletableFuture<Generation> generation(DatasetName name, String id) {
        return down
                ? CompletableFuture.failedFuture(unavailable())
                : CompletableFuture.completedFuture(generations.get(id));
    }

    @Override
    public synchronized CompletableFuture<byte[]> segment(DatasetName name, String id) {
        segmentsGiven.incrementAndGet();
        return down
                ? CompletableFuture.failedFuture(unavailable())
                : CompletableFuture.completedFuture(segments.get(id));
    }

    @Override
    public CompletableFuture<byte[]> order(DatasetName name, ObjectId object) {
        return CompletableFuture.failedFuture(unavailable());
    }

    @Override
    public CompletableFuture<Void> keepOrder(DatasetName name, ObjectId object, byte[] order) {
        return CompletableFuture.failedFuture(unavailable());
    }

    @Override
    public CompletableFuture<DatasetStatus> describe(DatasetName name) {
        return CompletableFuture.failedFuture(unavailable());
    }

    @Override
    public CompletableFuture<DatasetStatus> create(DatasetName name, DatasetSpec spec) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<CheckReport> check(DatasetName name, DatasetSpec spec) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<DatasetList> list(String namespace) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<DatasetStatus> update(DatasetName name, DatasetSpec spec) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<DatasetStatus> refresh(DatasetName name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> delete(DatasetName name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Residency> residency(DatasetName name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Eviction.Result> evict(DatasetName name, Eviction.Request request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<LoadStatus> createLoad(DatasetName name, LoadSpec spec) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<LoadStatus> load(DatasetName name, String load) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<LoadList> loads(DatasetName name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<LoadList> loads(String namespace) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<LoadStatus> cancelLoad(DatasetName name, String load) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<LoadStatus> watchLoad(DatasetName name, String load, Consumer<LoadStatus> each) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Ticket> ticket(DatasetName name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WorkerLease> register(WorkerRegistration worker) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WorkerLease> heartbeat(WorkerRegistration worker) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WorkerLease> report(ResidencyReport report) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> deregister(String worker, long incarnation) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WorkerList> workers() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
