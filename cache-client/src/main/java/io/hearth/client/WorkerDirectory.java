package io.hearth.client;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.Placement;
import io.hearth.protocol.api.Session.WorkerAddress;
import java.util.List;

/** The live workers, as a master told last. Thread-safe. */
public final class WorkerDirectory {
    private volatile List<Place> places = List.of();

    /**
     * Replaces the list. An empty one changes nothing: a master that has just started knows no worker yet, while those
     * of before go on serving; one that is really gone is found to be down.
     */
    public void update(List<WorkerAddress> live) {
        if (live.isEmpty()) {
            return;
        }
        places = live.stream()
                .map(address -> new Place(address, Placement.identity(address.id())))
                .toList();
    }

    /** The workers for a block, its owner first. */
    public List<WorkerAddress> order(ObjectId object, int block) {
        return Placement.order(object, block, places, Place::identity).stream()
                .map(Place::address)
                .toList();
    }

    /** All of them. */
    public List<WorkerAddress> workers() {
        return places.stream().map(Place::address).toList();
    }

    /** Whether no worker lives, as far as is known. */
    public boolean isEmpty() {
        return places.isEmpty();
    }

    private record Place(WorkerAddress address, long identity) {}
}
