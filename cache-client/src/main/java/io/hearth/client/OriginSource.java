package io.hearth.client;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Claim;
import io.hearth.objectstore.engine.OriginLane;
import io.hearth.objectstore.engine.Permit;
import io.hearth.objectstore.engine.PieceStart;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.RequestContext;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

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
                access ->
                        new Part(context, object, new Claim(Urgency.DEMAND), transfer).first(access, Optional.empty()));
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

    @Override
    public CompletableFuture<Void> fetchPieces(
            RequestContext context, ObjectRef object, long offset, int length, Claim claim, PieceSinks sinks) {
        Cancellable whole = new Cancellable();
        tickets.access(context.dataset(), object.origin()).whenComplete((access, thrown) -> {
            if (thrown != null) {
                whole.fail(thrown);
                return;
            }
            OriginLane lane = ranges.lane(access.origin(), context.dataset().toString(), object.key(), claim);
            PieceStart start = (turn, at, count) -> {
                Transfer transfer = new Transfer(at, count, sinks.open(at, count));
                new Part(context, object, claim, transfer).first(access, Optional.of(turn));
                return transfer.result();
            };
            whole.follow(ranges.inPieces(lane, object.validator(), object.sizeBytes(), offset, length, start));
        });
        return whole.result();
    }

    /** A run of bytes on its way, the whole of what was asked for or a piece. */
    private final class Part {
        private final RequestContext context;
        private final ObjectRef object;
        private final Claim claim;
        private final Transfer transfer;

        Part(RequestContext context, ObjectRef object, Claim claim, Transfer transfer) {
            this.context = context;
            this.object = object;
            this.claim = claim;
            this.transfer = transfer;
        }

        /** @param turn at the origin; it waits for one if there is none */
        void first(OriginAccess access, Optional<Permit> turn) {
            attempt(access, turn, failure -> renew(access, failure));
        }

        private void attempt(OriginAccess access, Optional<Permit> turn, Consumer<HearthException> failed) {
            OpenStores.Lent lent = stores.lend(access);
            CompletableFuture<Void> attempt;
            try {
                attempt = fetch(access, turn, lent.store());
            } catch (RuntimeException | Error e) {
                attempt = CompletableFuture.failedFuture(e);
            }
            attempt.whenComplete((done, thrown) -> lent.giveBack());
            transfer.onFailure(attempt, failed);
        }

        private CompletableFuture<Void> fetch(OriginAccess access, Optional<Permit> turn, ObjectStore store) {
            OriginLane lane = ranges.lane(access.origin(), context.dataset().toString(), object.key(), claim);
            RangeRequest request = rangeOf(object, transfer);
            RangeSink sink = transfer.counting(metrics::fromOrigin);
            return turn.map(permit -> ranges.fetch(lane, permit, store, request, sink))
                    .orElseGet(() -> ranges.fetch(lane, store, request, sink));
        }

        private void renew(OriginAccess denied, HearthException failure) {
            if (failure.kind() != FailureKind.DENIED) {
                transfer.fail(failure);
                return;
            }
            CompletableFuture<Optional<OriginAccess>> other =
                    tickets.accessOtherThan(denied, context.dataset(), object.origin());
            transfer.follow(
                    other,
                    found -> found.ifPresentOrElse(
                            fresh -> attempt(fresh, Optional.empty(), transfer::fail), () -> transfer.fail(failure)));
        }
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
