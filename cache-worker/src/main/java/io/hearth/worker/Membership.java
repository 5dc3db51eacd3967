package io.hearth.worker;

import io.hearth.client.MasterApi;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.wire.ResidencyReport;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.TierStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a master informed: registration, heartbeats, residency. One thread of its own does it all and may wait for
 * answers; without a master it tries again for ever and nothing else stops. After any failed report the next is a
 * snapshot, because nobody knows whether the master took the failed one.
 */
final class Membership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    /** In one turn, so that heartbeats come in between; 4 million objects. */
    private static final int REPORTS_MAX = 64;

    private static final long RETRY_MS_MIN = 200;
    private static final long RETRY_MS_MAX = 5_000;
    private static final int CLOSE_SECONDS_MAX = 3;

    private final MasterApi master;
    private final Supplier<Optional<WorkerRegistration>> self;
    private final TierStore store;
    private final ResidencyLog residency;
    private final WorkerMetrics metrics;
    private final Clock clock;
    private final Duration timeout;
    private final ScheduledThreadPoolExecutor thread;
    private volatile boolean registered;
    private Optional<WorkerRegistration> known = Optional.empty();
    /** The state of lending that a master heard last: a new one is not left to the next heartbeat. */
    private String told = "";

    private boolean snapshot = true;
    private boolean complained;
    private long sequence;
    private long heartbeatMs;
    private long nextHeartbeatMs;
    private long retryMs = RETRY_MS_MIN;
    private long nextTryMs;

    /** @param self what to register; empty while the admin port is not known */
    Membership(
            MasterApi master,
            Supplier<Optional<WorkerRegistration>> self,
            TierStore store,
            ResidencyLog residency,
            WorkerMetrics metrics,
            Clock clock,
            Duration interval,
            Duration timeout) {
        this.master = master;
        this.self = self;
        this.store = store;
        this.residency = residency;
        this.metrics = metrics;
        this.clock = clock;
        this.timeout = timeout;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "hearth-worker-membership");
            made.setDaemon(true);
            return made;
        });
        thread.scheduleWithFixedDelay(this::turn, 0, Math.min(interval.toMillis(), 1000), TimeUnit.MILLISECONDS);
    }

    /** Whether a master counted this worker in at the last contact. */
    boolean registered() {
        return registered;
    }

    private void turn() {
        try {
            Optional<WorkerRegistration> now = self.get();
            if (now.isPresent() && due(nextTryMs, RETRY_MS_MAX)) {
                talk(now.get());
            }
        } catch (HearthException e) {
            failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("an error in the talk with the master", e);
            failed(HearthException.of(e));
        }
    }

    private void talk(WorkerRegistration now) throws InterruptedException {
        if (!registered) {
            known = Optional.of(now);
            agreed(await(master.register(now)));
            registered = true;
            snapshot = true;
            LOG.info("registered as {}, life {}", now.id(), now.incarnation());
        } else if (due(nextHeartbeatMs, heartbeatMs) || !now.lending().equals(told)) {
            agreed(await(master.heartbeat(now)));
        }
        told = now.lending();
        boolean again = snapshot || !residency.quiet();
        for (int reports = 0; again && reports < REPORTS_MAX; reports++) {
            again = report(now);
        }
        complained = false;
        retryMs = RETRY_MS_MIN;
    }

    /** Sends one report; gives whether another should follow at once. */
    private boolean report(WorkerRegistration now) throws InterruptedException {
        boolean whole = snapshot;
        snapshot = true;
        ResidencyReport report =
                new ResidencyReport(now.id(), now.incarnation(), ++sequence, whole, residency.next(store, whole));
        snapshot = await(master.report(report)).wantSnapshot();
        metrics.reported();
        if (whole && snapshot) {
            // Not even a snapshot was taken: this master, started after our registration, does not know us.
            registered = false;
            return false;
        }
        return snapshot || residency.more();
    }

    /** Whether that time has come; true as well if the clock was set back. */
    private boolean due(long atMs, long delayMs) {
        long left = atMs - clock.millis();
        return left <= 0 || left > delayMs;
    }

    private void agreed(WorkerLease lease) {
        heartbeatMs = lease.heartbeatMs();
        nextHeartbeatMs = clock.millis() + heartbeatMs;
        snapshot |= lease.wantSnapshot();
    }

    private void failed(HearthException why) {
        metrics.masterFailed();
        if (why.kind() == FailureKind.NOT_FOUND || why.kind() == FailureKind.CONFLICT) {
            registered = false;
        }
        if (!complained) {
            complained = true;
            LOG.warn("the master cannot be told what this worker holds; serving goes on: {}", why.getMessage());
        }
        nextTryMs = clock.millis() + retryMs;
        retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
    }

    private <T> T await(CompletableFuture<T> answer) throws InterruptedException {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw HearthException.of(e);
        } catch (TimeoutException e) {
            answer.cancel(false);
            throw new HearthException(FailureKind.TIMEOUT, "no answer from the master within " + timeout, e);
        }
    }

    /** Says good-bye if a master knows this worker, within three seconds. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
            if (registered) {
                WorkerRegistration last = known.orElseThrow();
                master.deregister(last.id(), last.incarnation()).get(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("no master heard this worker's good-bye; it will count as lost");
        }
    }
}
