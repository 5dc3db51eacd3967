package io.hearth.client;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.objectstore.RangeFetch;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.RequestContext;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Fetches from the object store itself, with the dataset's ticket. A denial may mean that the ticket has ended: it is
 * renewed once and the transfer goes on after the last byte given. Thread-safe.
 */
public final class OriginSource implements Source, AutoCloseable {
    private final TicketBook tickets;
    private final OpenStores stores;
    private final RangeFetch ranges;
    private final ClientMetrics metrics;

    public OriginSource(
            TicketBook tickets,
            ObjectStoreFactory factory,
            RangeFetch ranges,
            ClientSettings settings,
            ClientMetrics metrics) {
        this.tickets = tickets;
        this.ranges = ranges;
        this.stores = new OpenStores(factory, settings.openStores());
        this.metrics = metrics;
    }

    /**
     * Takes the access to an origin now, so that reads go on when every master dies later.
     *
     * @return done when it is there or could not be had; in that case the first read asks again
     */
    public CompletableFuture<Void> prepare(DatasetName dataset, String origin) {
        return tickets.access(dataset, origin).handle((access, failure) -> null);
    }

    @Override
    public String name() {
        return "origin";
    }

    @Override
    public CompletableFuture<Void> fetch(
            RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        Transfer transfer = new Transfer(offset, length, sink);
        transfer.follow(
                tickets.access(context.dataset(), object.origin()),
                access -> attempt(transfer, context, object, access, true));
        return transfer.result();
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(RequestContext context, ObjectRef object) {
        return tickets.access(context.dataset(), object.origin()).thenCompose(access -> {
            OpenStores.Lent lent = stores.lend(access);
            return lent.store()
                    .checksums(object.key(), object.validator())
                    .whenComplete((found, failure) -> lent.giveBack());
        });
    }

    private void attempt(
            Transfer transfer, RequestContext context, ObjectRef object, OriginAccess access, boolean renew) {
        OpenStores.Lent lent = stores.lend(access);
        CompletableFuture<Void> attempt;
        try {
            attempt = ranges.fetch(lent.store(), rangeOf(object, transfer), transfer.counting(metrics::fromOrigin));
        } catch (RuntimeException | Error e) {
            attempt = CompletableFuture.failedFuture(e);
        }
        attempt.whenComplete((done, thrown) -> lent.giveBack());
        transfer.onFailure(attempt, failure -> {
            if (failure.kind() != FailureKind.DENIED || !renew) {
                transfer.fail(failure);
                return;
            }
            CompletableFuture<Optional<OriginAccess>> other =
                    tickets.accessOtherThan(access, context.dataset(), object.origin());
            transfer.follow(
                    other,
                    found -> found.ifPresentOrElse(
                            fresh -> attempt(transfer, context, object, fresh, false), () -> transfer.fail(failure)));
        });
    }

    private static RangeRequest rangeOf(ObjectRef object, Transfer transfer) {
        return new RangeRequest(
                object.key(), object.validator(), object.sizeBytes(), transfer.offset(), transfer.remaining());
    }

    @Override
    public void close() {
        stores.close();
    }
}
