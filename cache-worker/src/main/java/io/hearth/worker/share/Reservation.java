package io.hearth.worker.share;

import io.hearth.protocol.RequestContext;
import io.hearth.protocol.settings.DataSize;
import io.hearth.worker.tier.Lease;
import io.hearth.worker.tier.Room;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Takes a lease for every item, or says in one line why not. What was leased before a refusal is the caller's to end.
 */
final class Reservation {
    private final ShareTools tools;
    private final List<ShareItem> items;
    private final String namespace;

    /** Largest first: a small one finds a place in what large ones leave of a tier, seldom the other way round. */
    Reservation(ShareTools tools, List<ShareItem> items, RequestContext context) {
        this.tools = tools;
        this.items = items.stream()
                .filter(ShareItem::needsFile)
                .sorted(Comparator.comparingLong(
                                (ShareItem item) -> item.object().sizeBytes())
                        .reversed())
                .toList();
        this.namespace = context.dataset().namespace();
    }

    /**
     * Leases what is here before it makes what is not: room for the first new file is not made of the next item's.
     * Blocks.
     *
     * @param stop whether to leave off
     * @return why there is no room; empty if every item is leased, or if it left off
     */
    Optional<String> take(BooleanSupplier stop) {
        Room room = tools.store().room(items.stream().map(ShareItem::room).toList());
        if (!room.fits()) {
            return Optional.of(line(room));
        }
        items.forEach(item -> tools.store().lease(item.id()).ifPresent(item::leased));
        for (ShareItem item : items) {
            if (stop.getAsBoolean()) {
                break;
            }
            if (item.lease().isEmpty()) {
                Optional<Lease> made = tools.store().leaseOrCreate(item.object(), item.id(), namespace);
                if (made.isEmpty()) {
                    return Optional.of("no room for " + item.object().key() + " ("
                            + DataSize.format(item.object().sizeBytes()) + ") on worker " + tools.worker()
                            + ": others took it meanwhile, or its disk is full; try again");
                }
                item.leased(made.get());
            }
        }
        return Optional.empty();
    }

    private String line(Room room) {
        Room.Wanted misfit = room.misfit().orElseThrow();
        String lent = ": its tiers lend " + DataSize.format(room.lentBytes()) + ", of which "
                + DataSize.format(room.heldBytes()) + " are held";
        String object = name(misfit) + " (" + DataSize.format(misfit.sizeBytes()) + ") on worker " + tools.worker();
        String line;
        if (misfit.sizeBytes() > room.largestTierBytes()) {
            line = "no room for " + object + ": its largest tier lends " + DataSize.format(room.largestTierBytes());
        } else if (room.wantedBytes() > room.lentBytes() - room.heldBytes()) {
            line = "no room for " + DataSize.format(room.wantedBytes()) + " on worker " + tools.worker() + lent;
        } else if (room.paused()) {
            line = "no room for " + object
                    + lent; // There is room by the figures; what follows says why it is of no use.
        } else {
            line = "no room for " + object + lent + ", and no tier has as much left in one piece";
        }
        return room.paused()
                ? line + "; a tier takes no new bytes for now: its disk was full, or the worker drains"
                : line;
    }

    private String name(Room.Wanted misfit) {
        return items.stream()
                .filter(item -> item.id().equals(misfit.id()))
                .findFirst()
                .orElseThrow()
                .object()
                .key();
    }
}
