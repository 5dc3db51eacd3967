package io.hearth.worker.swarm;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.placement.Location.Distance;
import io.hearth.protocol.placement.PlacementTable;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongSupplier;
import org.roaringbitmap.IntConsumer;
import org.roaringbitmap.RoaringBitmap;

/**
 * The plan of one node for one object that it fills together with others: events in, {@link SwarmOrders} out.
 *
 * <p>Neighbours tell each other what they have. A node asks those that have something it lacks; who has a place free
 * makes an offer, to the poorest first ({@link ServeOrder}), and only then it is chosen what is sent: what a reader
 * waits for, then what its window lacks, then the chunk that the fewest neighbours have. Owners alone ask the origin
 * ({@link OriginBlocks}). A neighbour of which no byte comes for four of its usual chunk times is
 * stalled: what it owes is asked of others too, and who comes first wins. One that names what it lacks, or sends wrong
 * bytes, is not asked.
 *
 * <p>{@link #tick} is to be called every {@link SwarmSettings#announceInterval}. Peers are the caller's numbers; where
 * a peer is a member, its place in the list of members. Not thread-safe; nothing blocks.
 */
public final class Swarm {
    private static final int LOOK_TICKS = 5;
    private static final int LOST_STALLS = 8;
    private static final int MUTE_HEARTBEATS = 4;

    private final Chunks chunks;
    private final Peers peers;
    private final OriginPace pace;
    private final OriginBlocks origin;
    private final RarestFirst rarest;
    private final Announcer announcer;
    private final Demands demands;
    private final ChunkSet raced;
    private final SwarmPlace place;
    private final SwarmSettings settings;
    private final LongSupplier nanoClock;
    private final SwarmOrders orders;
    private final long startedNanos;
    private int extraChunks;
    private int ticks;
    private long lastArrivalNanos;
    private boolean relaxed;

    /** @param chunkCount of the object, at least 1; all of them are wanted here */
    public Swarm(
            int chunkCount,
            int members,
            SwarmPlace place,
            SwarmSettings settings,
            LongSupplier nanoClock,
            Random random,
            SwarmOrders orders) {
        this.chunks = new Chunks(chunkCount);
        this.peers = new Peers(settings.requestsPerPeer());
        this.pace = new OriginPace(place.owners().blocks(), settings.originBlocksMax());
        this.origin = new OriginBlocks(place, chunks, pace, orders, settings);
        this.rarest = new RarestFirst(chunks, random, settings.sample());
        this.announcer = new Announcer(peers, chunks, orders, settings);
        this.demands = new Demands(settings.stallMinNanos());
        this.raced = new ChunkSet(chunkCount);
        this.place = place;
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.orders = orders;
        this.startedNanos = nanoClock.getAsLong();
        this.lastArrivalNanos = startedNanos;
        double extra = chunkCount * (settings.originExtraPercent() / 100.0) / members;
        this.extraChunks = (int) extra + (random.nextDouble() < extra % 1 ? 1 : 0);
        for (int chunk = 0; chunk < chunkCount; chunk++) {
            chunks.want(chunk);
        }
    }

    /** A chunk was here before the swarm was. To be called before any peer joins. */
    public void had(int chunk) {
        holdNews(chunk, nanoClock.getAsLong());
    }

    /** A neighbour: it is told what is here. Gives false if there are too many. */
    public boolean joined(int peer, Distance distance) {
        Optional<Peer> added = peers.add(peer, distance);
        if (added.isPresent()) {
            origin.back(peer);
            announcer.tellAll(peer);
        }
        return added.isPresent();
    }

    /** A peer, neighbour or not, is dead. */
    public void gone(int peer) {
        long now = nanoClock.getAsLong();
        origin.gone(peer);
        peers.find(peer).ifPresent(dead -> {
            forget(dead, now);
            for (int i = 0; i < dead.outstanding(); i++) {
                release(dead.asked(i), dead);
            }
            peers.remove(dead);
        });
        proceed(now);
    }

    /** A neighbour says what it has. Gives false if it is none: it may join first. */
    public boolean announced(int peer, int sequence, boolean snapshot, RoaringBitmap told) {
        long now = nanoClock.getAsLong();
        Optional<Peer> found = peers.find(peer);
        found.ifPresent(from -> hear(from, sequence, snapshot, told, now));
        proceed(now);
        return found.isPresent();
    }

    private void hear(Peer from, int sequence, boolean snapshot, RoaringBitmap told, long now) {
        from.heard(now);
        if (from.banned(now) || !snapshot && from.repeats(sequence)) {
            return;
        }
        if (!from.follows(sequence, snapshot)) {
            orders.askSnapshot(from.number());
        }
        if (from.stalledNanos(now) > patienceNanos(from)) {
            withdrawAll(from); // It lives: what it was asked was lost, or comes too late to matter.
            from.byteCame(now);
            peers.refresh(from, 0);
        }
        int bit = from.bit();
        if (snapshot && from.held() > told.getCardinality()) {
            forget(from, now);
        }
        told.forEach((IntConsumer) chunk -> {
            if (chunk < chunks.count() && (chunks.holders(chunk) & bit) == 0) {
                from.holds(1);
                if (chunks.addHolder(chunk, bit)) {
                    origin.appeared(chunk, now);
                }
            }
        });
    }

    /** A whole chunk came from a peer, verified and kept. */
    public void arrived(int peer, int chunk) {
        long now = nanoClock.getAsLong();
        peers.find(peer).ifPresent(from -> {
            if (from.arrived(chunk, now)) {
                from.byteCame(now);
                from.kept();
                peers.refresh(from, -1);
            }
        });
        hold(chunk, now);
    }

    /** A whole chunk came from the origin, or from a fill that is not the swarm's. */
    public void arrivedFromOrigin(int chunk) {
        hold(chunk, nanoClock.getAsLong());
    }

    private void hold(int chunk, long now) {
        lastArrivalNanos = now;
        if (chunks.held(chunk)) {
            proceed(now);
            return;
        }
        if (chunks.fetched(chunk)) {
            orders.leaveOut(chunk);
            origin.ended();
        }
        if (raced.remove(chunk)) {
            peers.each(peer -> withdraw(peer, chunk));
        }
        holdNews(chunk, now);
        demands.met(chunk);
        announcer.came(chunk, now);
        proceed(now);
    }

    private void holdNews(int chunk, long now) {
        boolean news = !chunks.known(chunk);
        chunks.hold(chunk);
        if (news) {
            origin.appeared(chunk, now);
        }
    }

    private void withdraw(Peer peer, int chunk) {
        if (peer.withdraw(chunk)) {
            peers.refresh(peer, -1);
            orders.cancel(peer.number(), chunk);
        }
    }

    private void withdrawAll(Peer peer) {
        while (peer.outstanding() > 0) {
            int chunk = peer.asked(0);
            withdraw(peer, chunk);
            release(chunk, peer);
        }
    }

    /** Bytes of what was asked came from a peer, though no whole chunk. */
    public void progressed(int peer) {
        peers.find(peer).ifPresent(from -> {
            from.byteCame(nanoClock.getAsLong());
            peers.refresh(from, 0);
        });
    }

    /** A peer has too many to serve. */
    public void refused(int peer, int chunk) {
        peers.find(peer).filter(from -> from.withdraw(chunk)).ifPresent(from -> {
            from.slower();
            peers.refresh(from, -1);
            release(chunk, from);
        });
    }

    /** A peer does not have what it said it has: evicted, or a lie. */
    public void lacked(int peer, int chunk) {
        long now = nanoClock.getAsLong();
        peers.find(peer).ifPresent(from -> {
            if (from.withdraw(chunk)) {
                peers.refresh(from, -1);
            }
            release(chunk, from);
            drop(from, chunk, now);
            if (from.lied() >= settings.liesMax()) {
                ban(from, now);
            }
        });
        proceed(now);
    }

    /** A peer's chunk has a wrong checksum. */
    public void corrupt(int peer, int chunk) {
        long now = nanoClock.getAsLong();
        peers.find(peer).ifPresent(from -> {
            if (from.withdraw(chunk)) {
                peers.refresh(from, -1);
            }
            release(chunk, from);
            ban(from, now);
        });
        proceed(now);
    }

    private void ban(Peer from, long now) {
        from.ban(now, settings.ban().toNanos());
        withdrawAll(from);
        forget(from, now);
        peers.refresh(from, 0);
    }

    /** Chunks that could not be had from the origin now; they are asked for again after a while. */
    public void originFailed(int chunk, int count) {
        for (int c = chunk; c < chunk + count; c++) {
            if (chunks.fetched(c)) {
                chunks.fetch(c, false);
                origin.ended();
            }
        }
    }

    /** A chunk is here no more. */
    public void lost(int chunk) {
        boolean had = chunks.held(chunk);
        chunks.lose(chunk);
        if (had && !chunks.known(chunk)) {
            origin.vanished(chunk, nanoClock.getAsLong());
        }
    }

    /** A peer missed an announcement. */
    public void snapshotAsked(int peer) {
        announcer.tellAll(peer);
    }

    /** A reader elsewhere waits for a chunk that this node owns. */
    public void urged(int chunk) {
        if (!chunks.known(chunk)) {
            origin.urged(chunk, nanoClock.getAsLong());
        }
    }

    /** Another fetches these, which this node owns. */
    public void claimed(int chunk, int count) {
        origin.claimed(chunk, count, nanoClock.getAsLong());
    }

    /**
     * A reader here waits for this chunk, and reads on from it.
     *
     * @param window how many chunks from it on come before all others
     */
    public void demand(int chunk, int window) {
        long now = nanoClock.getAsLong();
        if (!chunks.held(chunk) && demands.add(chunk, window, now) && !chunks.known(chunk)) {
            urge(chunk, now);
        }
        proceed(now);
    }

    private void urge(int chunk, long now) {
        int owner = origin.ownerOf(chunk);
        if (owner == place.self() || owner == PlacementTable.NOBODY) {
            origin.urged(chunk, now);
        } else {
            orders.urge(owner, chunk);
        }
    }

    /** Time passes. */
    public void tick() {
        long now = nanoClock.getAsLong();
        announcer.tell(now);
        pace.tick(peers.outstanding() == 0 && !chunks.complete());
        if (ticks++ % LOOK_TICKS == 0) {
            if (now - startedNanos >= settings.stallMinNanos()) {
                origin.begin();
            }
            peers.each(peer -> watch(peer, now));
            origin.look(now);
            demands.overdue(now, chunk -> !chunks.known(chunk) || !chunks.asked(chunk), origin::fetchAlone);
            relaxed = now - lastArrivalNanos > settings.stallMinNanos();
        }
        proceed(now);
    }

    /** All neighbours have said what they have: own blocks may begin. Sooner than after {@code stall-min}. */
    public void heardAll() {
        origin.begin();
        proceed(nanoClock.getAsLong());
    }

    private void watch(Peer peer, long now) {
        long silent = peer.silentNanos(now);
        double patience = patienceNanos(peer);
        boolean mute =
                peer.muteNanos(now) > MUTE_HEARTBEATS * settings.heartbeat().toNanos();
        if (silent > LOST_STALLS * patience || mute && peer.held() > 0) {
            withdrawAll(peer);
            forget(peer, now);
            peer.forgotten();
        } else if (silent > patience && !peer.stalled()) {
            if (peer.chunkNanos() == 0 || peer.lied() >= settings.liesMax()) {
                ban(peer, now); // It never sent anything, or often promised what did not come.
                return;
            }
            peer.stall(now);
            peer.slower();
            peers.refresh(peer, 0);
            for (int i = 0; i < peer.outstanding(); i++) {
                race(peer.asked(i));
            }
        }
    }

    private double patienceNanos(Peer peer) {
        double usual = peer.chunkNanos() == 0 ? settings.stallMinNanos() : peer.chunkNanos();
        return Math.max(settings.stallMinNanos(), settings.stallFactor() * usual);
    }

    /** Has a chunk come from a second source: another neighbour, or the origin where there is none. */
    private void race(int chunk) {
        raced.add(chunk);
        chunks.ask(chunk, false);
        boolean elsewhere = (chunks.holders(chunk) & peers.ready()) != 0;
        if (!elsewhere && (demands.has(chunk) || extraChunks > 0)) {
            extraChunks -= demands.has(chunk) ? 0 : 1;
            origin.fetchAlone(chunk);
        }
    }

    /** A chunk is not expected of this peer any more. */
    private void release(int chunk, Peer from) {
        boolean[] elsewhere = new boolean[1];
        if (raced.has(chunk)) {
            peers.each(peer -> elsewhere[0] |= peer != from && !peer.stalled() && asks(peer, chunk));
        }
        if (!elsewhere[0]) {
            chunks.ask(chunk, false);
        }
    }

    private static boolean asks(Peer peer, int chunk) {
        for (int i = 0; i < peer.outstanding(); i++) {
            if (peer.asked(i) == chunk) {
                return true;
            }
        }
        return false;
    }

    /** What a peer was known to have counts no more. */
    private void forget(Peer peer, long now) {
        for (int chunk = 0; chunk < chunks.count() && peer.held() > 0; chunk++) {
            drop(peer, chunk, now);
        }
    }

    private void drop(Peer peer, int chunk, long now) {
        if ((chunks.holders(chunk) & peer.bit()) != 0) {
            peer.holds(-1);
            if (chunks.removeHolder(chunk, peer.bit())) {
                origin.vanished(chunk, now);
            }
        }
    }

    private void proceed(long now) {
        origin.go(now);
        if (chunks.openCount() > 0 && peers.outstanding() < settings.requestsMax()) {
            peers.each(peer -> seek(peer, now));
        }
    }

    /** Asks a peer for an offer if it has something to choose from. */
    private void seek(Peer peer, long now) {
        if (chunks.useful(peer.slot()) > 0
                && (peers.ready() & peer.bit()) != 0
                && peer.askable(now, settings.heartbeat().toNanos())
                && ((peers.near() & peer.bit()) != 0 || choose(peer) >= 0)) {
            peer.asking(now);
            orders.ask(peer.number(), demands.any(chunk -> (askable(chunk) & peer.bit()) != 0));
        }
    }

    /** A peer that was asked has a place free: now is chosen what it is to send. */
    public void offered(int number) {
        long now = nanoClock.getAsLong();
        Optional<Peer> offerer = peers.find(number);
        offerer.ifPresent(Peer::offered);
        int chunk = offerer.filter(peer -> (peers.ready() & peer.bit()) != 0)
                .filter(peer -> peers.outstanding() < settings.requestsMax())
                .map(this::choose)
                .orElse(-1);
        if (chunk < 0) {
            orders.decline(number);
            return;
        }
        Peer peer = offerer.get();
        peer.request(chunk, now);
        peers.refresh(peer, 1);
        chunks.ask(chunk, true);
        orders.request(number, chunk);
        seek(peer, now);
    }

    private int choose(Peer peer) {
        RarestFirst.Askable of = chunk -> askable(chunk) & peer.bit();
        int chunk = demands.choose((demanded, window) -> {
            boolean now = chunks.open(demanded) && of.of(demanded) != 0;
            return now ? demanded : rarest.choose(demanded, Math.min(chunks.count(), demanded + window), of);
        });
        return chunk >= 0 ? chunk : rarest.choose(of);
    }

    /** Neighbours in the zone first; those of others if none of it has the chunk, and this node is to bring it in. */
    private int askable(int chunk) {
        int holders = chunks.holders(chunk);
        int near = holders & peers.near();
        if (near != 0) {
            return near & peers.ready();
        }
        boolean crosses = relaxed || place.gate().test(chunk / Geometry.CHUNKS_PER_BLOCK) || demands.has(chunk);
        return crosses ? holders & peers.ready() : 0;
    }

    /** Whether all that is wanted is here. */
    public boolean complete() {
        return chunks.complete();
    }

    /** How many chunks a peer has, as it told: by this a node serves the poorest first. */
    public int heldBy(int peer) {
        return peers.find(peer).map(Peer::held).orElse(0);
    }
}
