package io.hearth.objectstore.s3.http;

import io.hearth.objectstore.OriginMetrics;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * So many connections and no more, to all endpoints together. One that is free is used again, the latest first; where
 * all are open and none of them goes there, one that is free elsewhere makes way, and requests wait in line. How many
 * wait is bounded by who asks (origin.requests). Thread-safe; nothing blocks.
 */
final class ConnectionPool implements AutoCloseable {
    private final HttpLimits limits;
    private final Connector connector;
    private final OriginMetrics metrics;
    private final EventExecutor timer;
    private final LongSupplier nanos;
    // Guarded by this.
    private final Map<Endpoint, ArrayDeque<HttpConnection>> idle = new HashMap<>();
    private final Set<HttpConnection> open = new HashSet<>();
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private int taken;
    private boolean closed;
    private Optional<Future<?>> sweeps = Optional.empty();

    private record Waiter(Endpoint endpoint, CompletableFuture<HttpConnection> future) {}

    ConnectionPool(
            HttpLimits limits, Connector connector, OriginMetrics metrics, EventExecutor timer, LongSupplier nanos) {
        this.limits = limits;
        this.connector = connector;
        this.metrics = metrics;
        this.timer = timer;
        this.nanos = nanos;
    }

    /**
     * A connection, now or later; the taker gives it back or closes it. Cancelling the future leaves the line.
     *
     * @param fresh one that has not been used
     */
    CompletableFuture<HttpConnection> take(Endpoint endpoint, boolean fresh) {
        Waiter waiter = new Waiter(endpoint, new CompletableFuture<>());
        Optional<HttpConnection> victim;
        boolean room;
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new IOException("the HTTP client was closed"));
            }
            Optional<HttpConnection> free = fresh ? Optional.empty() : latest(endpoint);
            if (free.isPresent()) {
                return CompletableFuture.completedFuture(free.get());
            }
            room = taken < limits.connectionsMax();
            victim = room ? Optional.empty() : oldest();
            if (room) {
                taken++;
            } else {
                waiters.add(waiter);
            }
        }
        if (room) {
            connect(waiter);
        } else {
            bound(waiter);
            victim.ifPresent(free -> free.channel().close());
        }
        return waiter.future();
    }

    private void bound(Waiter waiter) {
        Future<?> alarm = timer.schedule(
                () -> waiter.future()
                        .completeExceptionally(new NoConnectionException("no connection of " + limits.connectionsMax()
                                + " came free within " + limits.connectionWait())),
                limits.connectionWait().toMillis(),
                TimeUnit.MILLISECONDS);
        waiter.future().whenComplete((connection, failure) -> {
            alarm.cancel(false);
            if (failure != null) {
                leave(waiter);
            }
        });
    }

    private synchronized void leave(Waiter waiter) {
        waiters.remove(waiter);
    }

    private void connect(Waiter waiter) {
        connector.connect(waiter.endpoint(), this).whenComplete((connection, failure) -> {
            if (failure != null) {
                left();
                waiter.future().completeExceptionally(failure);
            } else {
                opened(connection);
                if (!waiter.future().complete(connection)) {
                    giveBack(connection);
                }
            }
        });
    }

    private void opened(HttpConnection connection) {
        metrics.connectionOpened();
        boolean late;
        synchronized (this) {
            open.add(connection);
            late = closed;
            if (sweeps.isEmpty() && !closed) {
                long everyMs = Math.max(1, limits.idleMax().toMillis() / 2);
                sweeps =
                        Optional.of(timer.scheduleWithFixedDelay(this::sweep, everyMs, everyMs, TimeUnit.MILLISECONDS));
            }
        }
        connection.channel().closeFuture().addListener(gone -> closed(connection));
        if (late) {
            connection.channel().close();
        }
    }

    /** The connection may serve another request. */
    void giveBack(HttpConnection connection) {
        connection.givenBack();
        Optional<Waiter> next;
        boolean wantedElsewhere;
        synchronized (this) {
            // Only to who has waited longest: an endpoint that is always wanted would keep all others waiting.
            next = Optional.ofNullable(waiters.peek())
                    .filter(waiter -> waiter.endpoint().equals(connection.endpoint()));
            next.ifPresent(waiters::remove);
            wantedElsewhere = next.isEmpty() && !waiters.isEmpty();
            if (next.isEmpty() && !wantedElsewhere && !closed && open.contains(connection)) {
                connection.idleSince(nanos.getAsLong());
                idle.computeIfAbsent(connection.endpoint(), unknown -> new ArrayDeque<>())
                        .push(connection);
            }
        }
        if (wantedElsewhere) {
            connection.channel().close();
        } else if (next.isEmpty()) {
            connection.channel().read(); // To learn of its end.
        } else if (!next.get().future().complete(connection)) {
            giveBack(connection);
        }
    }

    private void closed(HttpConnection connection) {
        metrics.connectionClosed();
        synchronized (this) {
            open.remove(connection);
            forget(connection);
        }
        left();
    }

    /** There is room for one more. */
    private void left() {
        Optional<Waiter> next;
        synchronized (this) {
            next = Optional.ofNullable(waiters.poll());
            taken -= next.isPresent() ? 0 : 1;
        }
        next.ifPresent(this::connect);
    }

    private Optional<HttpConnection> latest(Endpoint endpoint) {
        ArrayDeque<HttpConnection> free = idle.getOrDefault(endpoint, new ArrayDeque<>());
        HttpConnection found = free.poll();
        while (found != null && !found.channel().isActive()) {
            found = free.poll();
        }
        if (free.isEmpty()) {
            idle.remove(endpoint);
        }
        return Optional.ofNullable(found);
    }

    private Optional<HttpConnection> oldest() {
        Optional<HttpConnection> found = idle.values().stream()
                .flatMap(ArrayDeque::stream)
                .min((one, other) -> Long.signum(one.idleSinceNs() - other.idleSinceNs()));
        found.ifPresent(this::forget);
        return found;
    }

    private void forget(HttpConnection connection) {
        ArrayDeque<HttpConnection> free = idle.getOrDefault(connection.endpoint(), new ArrayDeque<>());
        free.remove(connection);
        if (free.isEmpty()) {
            idle.remove(connection.endpoint());
        }
    }

    private void sweep() {
        long before = nanos.getAsLong() - limits.idleMax().toNanos();
        List<HttpConnection> stale;
        synchronized (this) {
            stale = idle.values().stream()
                    .flatMap(ArrayDeque::stream)
                    .filter(connection -> connection.idleSinceNs() - before < 0)
                    .toList();
            stale.forEach(this::forget);
        }
        stale.forEach(connection -> connection.channel().close());
    }

    /** Closes all connections and fails who waits. */
    @Override
    public void close() {
        List<HttpConnection> all;
        List<Waiter> waiting;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(open);
            waiting = new ArrayList<>(waiters);
            waiters.clear();
            sweeps.ifPresent(future -> future.cancel(false));
        }
        IOException why = new IOException("the HTTP client was closed");
        waiting.forEach(waiter -> waiter.future().completeExceptionally(why));
        all.forEach(connection -> connection.channel().close());
    }
}
