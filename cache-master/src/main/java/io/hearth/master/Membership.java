package io.hearth.master;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.api.WorkerList;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.api.WorkerRegistration.TierUse;
import io.hearth.protocol.api.WorkerStatus;
import io.hearth.protocol.wire.ResidencyReport;
import io.hearth.protocol.wire.ResidencyReport.HeldObject;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The workers and what they hold. In memory alone: a worker comes again within a second, and then this master, if it is
 * new, asks it for a snapshot; writing bitmaps to the store at that rate would buy nothing. Thread-safe; never blocks
 * long.
 */
final class Membership {
    private final MasterSettings settings;
    private final Clock clock;
    private final MasterMetrics metrics;
    private final Map<String, KnownWorker> workers = new TreeMap<>();
    private long version;

    Membership(MasterSettings settings, Clock clock, MasterMetrics metrics) {
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Takes a registration or a heartbeat, which is the same: a heartbeat of an unknown worker registers it. */
    synchronized WorkerLease seen(WorkerRegistration registration) {
        KnownWorker worker = workers.get(registration.id());
        if (worker != null && registration.incarnation() < worker.registration().incarnation()) {
            throw older(registration.id(), registration.incarnation(), worker);
        }
        if (worker == null && workers.size() >= settings.workersMax()) {
            throw new HearthException(
                    FailureKind.OVERLOADED, "there are " + workers.size() + " workers already (master.workers-max)");
        }
        if (worker == null || registration.incarnation() > worker.registration().incarnation()) {
            worker = new KnownWorker(registration, clock.millis());
            workers.put(registration.id(), worker);
            changed();
        } else if (worker.lost()) {
            changed();
        }
        worker.seen(registration, clock.millis());
        metrics.workers.set(live().size());
        return lease(worker.wantSnapshot());
    }

    /** Takes a residency report. An unknown worker or incarnation, or a gap, is answered by a wish for a snapshot. */
    synchronized WorkerLease report(ResidencyReport report) {
        KnownWorker worker = workers.get(report.workerId());
        if (worker != null && report.incarnation() < worker.registration().incarnation()) {
            throw older(report.workerId(), report.incarnation(), worker);
        }
        boolean known =
                worker != null && report.incarnation() == worker.registration().incarnation();
        if (known) {
            worker.seen(worker.registration(), clock.millis()); // A long snapshot must not let it expire.
        }
        if (!known || !worker.take(report)) {
            metrics.reportsRefused.increment();
            return lease(true);
        }
        metrics.reports.increment();
        changed();
        return lease(false);
    }

    /** Removes a worker that says goodbye; an older life's goodbye changes nothing. */
    synchronized void deregister(String id, long incarnation) {
        KnownWorker worker = workers.get(id);
        if (worker != null && incarnation >= worker.registration().incarnation()) {
            workers.remove(id);
            changed();
            metrics.workers.set(live().size());
        }
    }

    /** Marks workers that were silent too long as lost, and forgets those lost for long. */
    synchronized void expire() {
        long now = clock.millis();
        for (KnownWorker worker : List.copyOf(workers.values())) {
            long silentMs = now - worker.lastSeenMs();
            if (silentMs > settings.workerForget().toMillis()) {
                workers.remove(worker.registration().id());
                changed();
            }
            if (!worker.lost() && silentMs > settings.workerExpiry().toMillis()) {
                worker.lose();
                metrics.workersLost.increment();
                changed();
            }
        }
        metrics.workers.set(live().size());
    }

    /** Grows whenever the live workers or what they hold changes. */
    synchronized long version() {
        return version;
    }

    synchronized List<WorkerAddress> addresses() {
        return live().stream()
                .map(KnownWorker::registration)
                .map(worker -> new WorkerAddress(worker.id(), worker.host(), worker.dataPort()))
                .toList();
    }

    synchronized List<WorkerRegistration> registrations() {
        return live().stream().map(KnownWorker::registration).toList();
    }

    /** Live workers with a view of what they hold. */
    synchronized List<Holding> holdings() {
        return live().stream()
                .map(worker -> new Holding(worker.registration(), worker.held()))
                .toList();
    }

    /** Sum of the quotas of the live workers' tiers. */
    synchronized long capacityBytes() {
        return live().stream()
                .flatMap(worker -> worker.registration().tiers().stream())
                .mapToLong(TierUse::quotaBytes)
                .sum();
    }

    synchronized WorkerList list() {
        List<WorkerStatus> all = new ArrayList<>();
        for (KnownWorker worker : workers.values()) {
            long bytes =
                    worker.held().values().stream().mapToLong(HeldObject::bytes).sum();
            all.add(new WorkerStatus(
                    worker.registration(),
                    silent(worker) ? "Lost" : "Ready",
                    worker.held().size(),
                    bytes,
                    Instant.ofEpochMilli(worker.lastSeenMs()).toString()));
        }
        return new WorkerList(List.copyOf(all));
    }

    private List<KnownWorker> live() {
        return workers.values().stream().filter(worker -> !silent(worker)).toList();
    }

    private boolean silent(KnownWorker worker) {
        return clock.millis() - worker.lastSeenMs() > settings.workerExpiry().toMillis();
    }

    private void changed() {
        version++;
    }

    private WorkerLease lease(boolean wantSnapshot) {
        return new WorkerLease(
                settings.workerHeartbeat().toMillis(), settings.workerExpiry().toMillis(), wantSnapshot);
    }

    private static HearthException older(String id, long incarnation, KnownWorker worker) {
        return new HearthException(
                FailureKind.CONFLICT,
                "worker " + id + " is registered as incarnation "
                        + worker.registration().incarnation() + ": incarnation " + incarnation
                        + " is an earlier life; give each worker its own id");
    }

    /** What one live worker holds. */
    record Holding(WorkerRegistration worker, Map<ObjectId, HeldObject> objects) {}
}
