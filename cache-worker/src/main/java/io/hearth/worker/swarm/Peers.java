package io.hearth.worker.swarm;

import io.hearth.protocol.placement.Location.Distance;
import java.util.Optional;
import java.util.function.Consumer;

/** The neighbours of a node, each in a slot of its own: its bit in the sets of peers. Not thread-safe. */
final class Peers {
    /** Most neighbours: those chosen, and as many that chose this node. */
    static final int MAX = 32;

    private final Peer[] slots = new Peer[MAX];
    private final int requestsPerPeer;
    private int count;
    private int ready;
    private int near;
    private int outstanding;

    Peers(int requestsPerPeer) {
        this.requestsPerPeer = requestsPerPeer;
    }

    /** A new neighbour; empty if there are too many. */
    Optional<Peer> add(int number, Distance distance) {
        int slot = 0;
        while (slot < MAX && slots[slot] != null) {
            slot++;
        }
        if (slot == MAX) {
            return Optional.empty();
        }
        Peer peer = new Peer(number, slot, requestsPerPeer);
        slots[slot] = peer;
        count = Math.max(count, slot + 1);
        near |= distance == Distance.OTHER_ZONE ? 0 : peer.bit();
        refresh(peer, 0);
        return Optional.of(peer);
    }

    void remove(Peer peer) {
        slots[peer.slot()] = null;
        ready &= ~peer.bit();
        near &= ~peer.bit();
        outstanding -= peer.outstanding();
    }

    Optional<Peer> find(int number) {
        for (int slot = 0; slot < count; slot++) {
            if (slots[slot] != null && slots[slot].number() == number) {
                return Optional.of(slots[slot]);
            }
        }
        return Optional.empty();
    }

    void each(Consumer<Peer> visitor) {
        for (int slot = 0; slot < count; slot++) {
            if (slots[slot] != null) {
                visitor.accept(slots[slot]);
            }
        }
    }

    /** Notes a change of what the peer was asked, or how it does. */
    void refresh(Peer peer, int outstandingMore) {
        outstanding += outstandingMore;
        if (peer.hasRoom(requestsPerPeer)) {
            ready |= peer.bit();
        } else {
            ready &= ~peer.bit();
        }
    }

    /** Those that may be asked for one more chunk. */
    int ready() {
        return ready;
    }

    /** Those of the same zone. */
    int near() {
        return near;
    }

    /** Chunks asked of all of them. */
    int outstanding() {
        return outstanding;
    }
}
