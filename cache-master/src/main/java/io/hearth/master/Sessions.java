package io.hearth.master;

import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.TransactionalMap;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Renewal;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.SessionRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The mounts' holds on generations: written through to the store, read from memory. Thread-safe. */
final class Sessions {
    private static final int PAGE = 1000;

    private final Catalog catalog;
    private final TransactionalMap<StoredSession> stored;
    private final ChangeSignals signals;
    private final Supplier<List<Session.WorkerAddress>> workers;
    private final Supplier<String> ids;
    private final Executor executor;
    private final MasterSettings settings;
    private final Clock clock;
    private final MasterMetrics metrics;
    private final Map<String, StoredSession> live = new ConcurrentHashMap<>();

    Sessions(
            ClusterStore store,
            Catalog catalog,
            ChangeSignals signals,
            Supplier<List<Session.WorkerAddress>> workers,
            Supplier<String> ids,
            Executor executor,
            MasterSettings settings,
            Clock clock,
            MasterMetrics metrics) {
        this.catalog = catalog;
        this.stored = store.map("sessions", StoredSession.CODEC);
        this.signals = signals;
        this.workers = workers;
        this.ids = ids;
        this.executor = executor;
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Takes up the sessions of an earlier life; each gets a full TTL, since nobody could renew it meanwhile. */
    void restore() {
        Optional<String> after = Optional.empty();
        while (true) {
            List<TransactionalMap.Entry<StoredSession>> page = stored.entries("", after, PAGE);
            for (TransactionalMap.Entry<StoredSession> entry : page) {
                StoredSession session = entry.value();
                keep(session.with(session.held(), session.offered(), expiry()));
                after = Optional.of(entry.key());
            }
            if (page.size() < PAGE) {
                return;
            }
        }
    }

    /** Opens a session, waiting within a bound for the dataset's first listing. */
    CompletableFuture<Session> open(DatasetName name, SessionRequest request) {
        request.refresh().ifPresent(text -> MountPlan.refresh(text, settings));
        if (live.size() >= settings.sessionsMax()) {
            throw new HearthException(
                    FailureKind.OVERLOADED,
                    "there are " + live.size() + " sessions already (master.sessions-max): unmount some");
        }
        String uid = catalog.require(name).uid();
        CompletableFuture<Void> listed = signals.next(uid, settings.firstListingWait());
        StoredDataset now = catalog.require(name);
        if (now.current().isPresent() || now.failure().isPresent()) {
            listed.complete(null);
        }
        return listed.thenApplyAsync(done -> openNow(name, request), executor);
    }

    private Session openNow(DatasetName name, SessionRequest request) {
        StoredDataset dataset = catalog.require(name);
        String current = dataset.currentId();
        StoredSession session = new StoredSession(
                StoredSession.FORMAT_VERSION,
                ids.get(),
                dataset.uid(),
                name.namespace(),
                name.name(),
                request.client(),
                request.refresh(),
                current,
                current,
                expiry());
        return answer(session);
    }

    /** Renews a session; waits for a newer generation than the mount's within what it asks for. */
    CompletableFuture<Session> renew(DatasetName name, String id, Renewal renewal) {
        if (renewal.waitMs() < 0 || renewal.generation() == null) {
            throw new HearthException(FailureKind.INVALID, "a renewal needs generation and waitMs of 0 or more");
        }
        StoredSession session = require(name, id);
        CompletableFuture<Void> changed = signals.next(session.uid(), waitOf(renewal));
        String current = catalog.require(name).currentId();
        keep(session.with(renewal.generation(), session.offered(), expiry()));
        if (!current.equals(renewal.generation())) {
            changed.complete(null);
        }
        return changed.thenApplyAsync(
                done -> {
                    StoredSession renewed = require(name, id);
                    return answer(renewed.with(renewed.held(), renewed.offered(), expiry()));
                },
                executor);
    }

    /** Pins the current generation and tells it. A switch between reading and pinning is seen by reading again. */
    private Session answer(StoredSession session) {
        StoredSession pinned = session;
        while (true) {
            String current = catalog.require(session.dataset()).currentId();
            pinned = pinned.with(session.held(), current, session.expiresAtMs());
            keep(pinned);
            if (catalog.require(session.dataset()).currentId().equals(current)) {
                return new Session(session.id(), settings.sessionTtl().toMillis(), current, workers.get());
            }
        }
    }

    void close(DatasetName name, String id) {
        remove(require(name, id));
    }

    /** Ends all sessions of a deleted dataset. */
    void endAll(String uid) {
        of(uid).forEach(this::remove);
        signals.changed(uid);
    }

    /** Ends sessions that were not renewed in time. @return the datasets they were of, by uid */
    Map<String, DatasetName> expire() {
        long now = clock.millis();
        List<StoredSession> expired = live.values().stream()
                .filter(session -> session.expiresAtMs() < now)
                .toList();
        expired.forEach(this::remove);
        metrics.sessionsExpired.increment(expired.size());
        return expired.stream()
                .collect(Collectors.toMap(StoredSession::uid, StoredSession::dataset, (one, other) -> one));
    }

    /** The generations that sessions hold or were told of. */
    Set<String> pinned(String uid) {
        return of(uid).stream()
                .flatMap(session -> Stream.of(session.held(), session.offered()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The live sessions by dataset. */
    Map<DatasetName, List<StoredSession>> byDataset() {
        return live.values().stream().collect(Collectors.groupingBy(StoredSession::dataset));
    }

    int count() {
        return live.size();
    }

    private Collection<StoredSession> of(String uid) {
        return live.values().stream()
                .filter(session -> session.uid().equals(uid))
                .toList();
    }

    private StoredSession require(DatasetName name, String id) {
        StoredSession session = live.get(id);
        if (session == null || !session.dataset().equals(name) || session.expiresAtMs() < clock.millis()) {
            throw new HearthException(
                    FailureKind.NOT_FOUND, "the session " + id + " of " + name + " has ended: open a new one");
        }
        return session;
    }

    private void keep(StoredSession session) {
        stored.put(session.key(), session);
        live.put(session.id(), session);
    }

    private void remove(StoredSession session) {
        live.remove(session.id());
        stored.remove(session.key());
    }

    /** Never longer than half a TTL, so that a session cannot end while its mount waits here. */
    private Duration waitOf(Renewal renewal) {
        long boundMs = Math.min(
                settings.sessionWaitMax().toMillis(), settings.sessionTtl().toMillis() / 2);
        return Duration.ofMillis(Math.min(renewal.waitMs(), boundMs));
    }

    private long expiry() {
        return clock.millis() + settings.sessionTtl().toMillis();
    }
}
