package io.hearth.client.worker;

import io.hearth.client.ClientSettings;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker: a few connections, made when needed, and whether it is up. A worker that failed is down: reads do not
 * wait for it, and it is up again once a probe was welcomed. Thread-safe.
 */
final class WorkerLink {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLink.class);

    private final WorkerAddress worker;
    private final ClientSettings settings;
    private final EventLoopGroup loops;
    private final Supplier<WorkerConnection> dial;
    private final List<WorkerConnection> connections = new ArrayList<>();
    private WorkerConnection probe;
    private long downMs;
    private boolean down;
    private boolean closed;

    WorkerLink(WorkerAddress worker, ClientSettings settings, EventLoopGroup loops, Supplier<WorkerConnection> dial) {
        this.worker = worker;
        this.settings = settings;
        this.loops = loops;
        this.dial = dial;
    }

    WorkerAddress worker() {
        return worker;
    }

    synchronized boolean up() {
        return !down && !closed;
    }

    /** The least busy connection; one more is made where all are busy and there may be more. */
    CompletableFuture<WorkerConnection> connection() {
        Optional<WorkerConnection> best;
        WorkerConnection fresh;
        synchronized (this) {
            if (closed || down) {
                return CompletableFuture.failedFuture(new HearthException(
                        FailureKind.UNAVAILABLE, "worker " + worker.id() + " is " + (closed ? "closed" : "down")));
            }
            best = leastBusy();
            if (best.isPresent() && (best.get().inFlight() == 0 || connections.size() >= settings.connections())) {
                return best.get().ready().copy();
            }
            fresh = add(); // Under the lock of the look, or readers who come together would pass the bound.
        }
        follow(fresh);
        return best.orElse(fresh).ready().copy();
    }

    private Optional<WorkerConnection> leastBusy() {
        return connections.stream()
                .min(Comparator.comparing(WorkerConnection::open).reversed().thenComparing(WorkerConnection::inFlight));
    }

    private WorkerConnection add() {
        WorkerConnection fresh = dial.get();
        connections.add(fresh);
        return fresh;
    }

    private void follow(WorkerConnection fresh) {
        fresh.ready().thenRun(this::welcomed);
        fresh.closed().thenAccept(reason -> ended(fresh, reason));
    }

    private synchronized void welcomed() {
        if (down) {
            LOG.info("worker {} at {}:{} is back", worker.id(), worker.host(), worker.port());
        }
        down = false;
    }

    private void ended(WorkerConnection connection, HearthException reason) {
        long pauseMs;
        synchronized (this) {
            connections.remove(connection);
            if (closed || connection.leftIdle() || down && connection != probe) {
                return; // Nothing is wrong, or a probe is on its way already.
            }
            down = true;
            long min = settings.downMin().toMillis();
            long max = Math.max(min, settings.downMax().toMillis());
            boolean longLived = connection.welcomedForMs() >= max;
            downMs = longLived ? min : Math.min(max, Math.max(min, downMs * 2));
            pauseMs = reason.kind() == FailureKind.UNSUPPORTED_VERSION ? max : downMs;
        }
        LOG.info("{}; next try in {} ms", reason.getMessage(), pauseMs);
        if (!loops.isShuttingDown()) {
            loops.next().schedule(this::probe, pauseMs, TimeUnit.MILLISECONDS);
        }
    }

    private void probe() {
        WorkerConnection fresh;
        synchronized (this) {
            if (closed || !down) {
                return;
            }
            fresh = add();
            probe = fresh;
        }
        follow(fresh);
    }

    /** Ends the link when its reads have ended. */
    void retire() {
        leave(WorkerConnection::retire);
    }

    /** Ends the link; its reads fail. */
    void close() {
        leave(WorkerConnection::close);
    }

    private void leave(Consumer<WorkerConnection> how) {
        List<WorkerConnection> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(connections);
        }
        left.forEach(how);
    }
}
