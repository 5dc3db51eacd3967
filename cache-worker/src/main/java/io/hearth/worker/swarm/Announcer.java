package io.hearth.worker.swarm;

import org.roaringbitmap.RoaringBitmap;

/**
 * Tells neighbours what came since they were told last: at most once in an interval, all of them the same, so that one
 * bitmap serves all. A neighbour that lacks something hears a heartbeat where nothing came: it notices by the sequence
 * what it missed, and that this node lives. Not thread-safe.
 */
final class Announcer {
    private final Peers peers;
    private final Chunks chunks;
    private final SwarmOrders orders;
    private final long intervalNanos;
    private final long heartbeatNanos;
    private RoaringBitmap fresh = new RoaringBitmap();
    private int sequence;
    private long toldAtNanos = Long.MIN_VALUE / 2;

    Announcer(Peers peers, Chunks chunks, SwarmOrders orders, SwarmSettings settings) {
        this.peers = peers;
        this.chunks = chunks;
        this.orders = orders;
        this.intervalNanos = settings.announceNanos();
        this.heartbeatNanos = settings.heartbeat().toNanos();
    }

    /** A chunk came. */
    void came(int chunk, long now) {
        fresh.add(chunk);
        tell(now);
    }

    /** Tells what there is to tell, if it is time. */
    void tell(long now) {
        long since = now - toldAtNanos;
        if (since >= heartbeatNanos || since >= intervalNanos && !fresh.isEmpty()) {
            toldAtNanos = now;
            sequence++;
            RoaringBitmap told = fresh;
            fresh = new RoaringBitmap();
            peers.each(peer -> {
                if (peer.held() < chunks.count()) {
                    orders.announce(peer.number(), sequence, false, told);
                }
            });
        }
    }

    /** Tells one neighbour everything. */
    void tellAll(int peer) {
        RoaringBitmap all = new RoaringBitmap();
        for (int chunk = chunks.nextHeld(0); chunk >= 0; chunk = chunks.nextHeld(chunk + 1)) {
            all.add(chunk);
        }
        orders.announce(peer, sequence, true, all);
    }
}
