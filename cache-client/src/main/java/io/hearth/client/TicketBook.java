package io.hearth.client;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.api.Ticket;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The tickets to origins, by dataset, in memory only. A ticket is renewed in the background shortly before its end, and
 * goes on to be used past its end while no master answers: the origin decides then. Thread-safe; nothing blocks.
 */
public final class TicketBook {
    private static final int DATASETS_MAX = 4096;

    private final MasterApi master;
    private final ClientSettings settings;
    private final Clock clock;
    private final ClientMetrics metrics;
    private final SingleFlight<DatasetName, Page> renewals = new SingleFlight<>();
    private final Map<DatasetName, Page> pages = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<DatasetName, Page> eldest) {
            return size() > DATASETS_MAX;
        }
    };

    public TicketBook(MasterApi master, ClientSettings settings, Clock clock, ClientMetrics metrics) {
        this.master = master;
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
    }

    /**
     * Access to one origin of a dataset.
     *
     * @param origin an origin id, as objects carry it
     * @return fails with {@link FailureKind#DENIED} where the dataset has no such origin (any more), and with the
     *     master's failure where there was never a ticket
     */
    public CompletableFuture<OriginAccess> access(DatasetName dataset, String origin) {
        Optional<Page> known = page(dataset);
        long now = clock.millis();
        if (known.isEmpty()) {
            return find(renew(dataset), dataset, origin);
        }
        Page page = known.get();
        Optional<OriginAccess> access = Optional.ofNullable(page.access().get(origin));
        boolean mayAsk = now >= page.retryAtMs();
        if (access.isEmpty() && mayAsk) {
            return find(renew(dataset), dataset, origin); // The dataset may have got this origin since.
        }
        if (access.isEmpty()) {
            return CompletableFuture.failedFuture(noAccess(dataset, origin));
        }
        if (mayAsk && now >= page.expiresAtMs() - settings.ticketMargin().toMillis()) {
            renew(dataset);
        }
        return CompletableFuture.completedFuture(access.get());
    }

    /**
     * Access that is not {@code refused}, which the origin has just denied: from a new ticket if need be. Empty if
     * there is no other.
     */
    public CompletableFuture<Optional<OriginAccess>> accessOtherThan(
            OriginAccess refused, DatasetName dataset, String origin) {
        Optional<OriginAccess> known = page(dataset).map(page -> page.access().get(origin));
        boolean newer = known.isPresent() && !known.get().equals(refused);
        boolean mayAsk =
                page(dataset).map(page -> clock.millis() >= page.retryAtMs()).orElse(true);
        if (newer || !mayAsk) {
            return CompletableFuture.completedFuture(known.filter(access -> newer));
        }
        return renew(dataset)
                .thenApply(page ->
                        Optional.ofNullable(page.access().get(origin)).filter(access -> !access.equals(refused)));
    }

    private CompletableFuture<OriginAccess> find(CompletableFuture<Page> renewal, DatasetName dataset, String origin) {
        CompletableFuture<OriginAccess> found = new CompletableFuture<>();
        renewal.whenComplete((page, thrown) -> {
            if (thrown != null) {
                found.completeExceptionally(HearthException.of(thrown));
            } else if (page.access().containsKey(origin)) {
                found.complete(page.access().get(origin));
            } else {
                found.completeExceptionally(noAccess(dataset, origin));
            }
        });
        return found;
    }

    /** A new ticket, or the old one where there is one and no master gives a new one. */
    private CompletableFuture<Page> renew(DatasetName dataset) {
        Supplier<CompletableFuture<Page>> ask = () -> master.ticket(dataset).handle((ticket, thrown) -> {
            if (thrown == null) {
                return keep(
                        dataset,
                        Page.of(ticket, clock.millis() + settings.ticketRetry().toMillis()));
            }
            metrics.ticketFailure();
            HearthException failure = HearthException.of(thrown);
            long retryAtMs = clock.millis() + settings.ticketRetry().toMillis();
            Optional<Page> old = page(dataset).map(page -> keep(dataset, page.retryAt(retryAtMs)));
            if (old.isEmpty() || failure.kind().action() == FailureKind.Action.STOP) {
                throw failure;
            }
            return old.get();
        });
        return renewals.join(dataset, ask);
    }

    private Optional<Page> page(DatasetName dataset) {
        synchronized (pages) {
            return Optional.ofNullable(pages.get(dataset));
        }
    }

    private Page keep(DatasetName dataset, Page page) {
        synchronized (pages) {
            pages.put(dataset, page);
        }
        return page;
    }

    private static HearthException noAccess(DatasetName dataset, String origin) {
        return new HearthException(
                FailureKind.DENIED,
                "dataset " + dataset + " has no origin " + origin
                        + " (any more): mount it again to see its present files");
    }

    /** A ticket, and the earliest time to ask for another. Never printed. */
    private record Page(Map<String, OriginAccess> access, long expiresAtMs, long retryAtMs) {
        static Page of(Ticket ticket, long retryAtMs) {
            return new Page(ticket.access(), ticket.expiresAtMs(), retryAtMs);
        }

        Page retryAt(long ms) {
            return new Page(access, expiresAtMs, ms);
        }
    }
}
