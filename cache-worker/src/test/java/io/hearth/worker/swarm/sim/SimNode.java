package io.hearth.worker.swarm.sim;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.placement.Location;
import io.hearth.worker.swarm.ServeOrder;
import io.hearth.worker.swarm.Swarm;
import io.hearth.worker.swarm.SwarmOrders;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/**
 * One node: a {@link Swarm} and a {@link ServeOrder}, joined as the worker joins them, over two links. A link carries
 * whole chunks, first come first served: up when the node has chosen to send one, down as it comes; a chunk that waits
 * at the receiver's link keeps its place among those that its sender sends at once.
 */
final class SimNode implements SwarmOrders {
    private final Simulation world;
    private final int number;
    private final Location location;
    private final double up;
    private final double down;
    private final Optional<Scenario.Lie> lie;
    private final Set<Integer> neighbours;
    private final BitSet heard = new BitSet();
    private final BitSet stored = new BitSet();
    private ServeOrder<Integer> serving;
    private Swarm swarm;
    private long upFree;
    private long downFree;
    private final BitSet fetching = new BitSet();
    private boolean dead;
    private boolean paused;
    private boolean started;
    private long startedNanos;
    private long completeNanos = -1;

    /** Rates in bytes a nanosecond. */
    SimNode(
            Simulation world,
            int number,
            Location location,
            double up,
            double down,
            Optional<Scenario.Lie> lie,
            Set<Integer> neighbours) {
        this.world = world;
        this.number = number;
        this.location = location;
        this.up = up;
        this.down = down;
        this.lie = lie;
        this.neighbours = neighbours;
    }

    void start() {
        started = true;
        startedNanos = world.now();
        serving = new ServeOrder<>(world.settings());
        swarm = world.plan(number, this);
        neighbours.forEach(this::meet);
        if (neighbours.isEmpty()) {
            swarm.heardAll();
        }
        world.tickLater(number, world.now());
    }

    private void meet(int peer) {
        if (world.node(peer).lives() || !world.node(peer).started) {
            swarm.joined(peer, location.to(world.node(peer).location));
        }
    }

    Location location() {
        return location;
    }

    boolean lives() {
        return started && !dead;
    }

    boolean dead() {
        return dead;
    }

    boolean paused() {
        return paused;
    }

    boolean honest() {
        return lie.isEmpty();
    }

    long completeNanos() {
        return completeNanos;
    }

    long startedNanos() {
        return startedNanos;
    }

    BitSet stored() {
        return stored;
    }

    double originRate() {
        return down;
    }

    void kill() {
        dead = true;
        world.origin().forget(this);
    }

    void pause() {
        paused = true;
        world.origin().forget(this);
    }

    /** Its connections to the origin are broken by now. */
    void resume() {
        paused = false;
        fetching.stream().forEach(chunk -> swarm.originFailed(chunk, 1));
        fetching.clear();
        world.tickLater(number, world.now());
    }

    void ticked() {
        swarm.tick();
        serve();
        world.tickLater(number, world.now());
    }

    /** A peer of this node died, as its connection or the members' list says. */
    void peerGone(int peer) {
        if (lives()) {
            swarm.gone(peer);
            serving.gone(peer);
        }
    }

    void asked(int from, boolean urgent) {
        if (lie.isPresent()) {
            world.send(Timeline.Kind.OFFER, from, number, 0, null);
        } else {
            serving.asked(from, urgent, world.now());
            serve();
        }
    }

    private void serve() {
        Optional<Integer> next = serving.next(world.now(), swarm::heldBy);
        while (next.isPresent()) {
            world.send(Timeline.Kind.OFFER, next.get(), number, 0, null);
            next = serving.next(world.now(), swarm::heldBy);
        }
    }

    void offered(int from) {
        swarm.offered(from);
    }

    void declined(int from) {
        serving.declined(from);
        serve();
    }

    void requested(int from, int chunk) {
        if (lie.isPresent()) {
            answerLie(from, chunk);
        } else if (!stored.get(chunk)) {
            serving.declined(from);
            world.send(Timeline.Kind.LACKED, from, number, chunk, null);
        } else if (serving.taken(from)) {
            transfer(from, chunk);
        } else {
            world.send(Timeline.Kind.REFUSED, from, number, chunk, null);
        }
    }

    private void answerLie(int from, int chunk) {
        if (lie.get() == Scenario.Lie.SAYS_IT_LACKS) {
            world.send(Timeline.Kind.LACKED, from, number, chunk, null);
        } else if (lie.get() == Scenario.Lie.SENDS_WRONG_BYTES) {
            transfer(from, chunk);
        }
    }

    private void transfer(int to, int chunk) {
        SimNode receiver = world.node(to);
        if (receiver.dead || receiver.paused) {
            world.later(world.settings().stallMin().toNanos(), Timeline.Kind.GIVEN_UP, number, to, chunk);
            return;
        }
        long start = Math.max(world.now(), upFree);
        upFree = start + (long) (Geometry.CHUNK_BYTES / up);
        if (start == world.now()) {
            leave(to, chunk);
        } else {
            world.at(start, Timeline.Kind.LEAVE, number, to, chunk);
        }
    }

    /** A chunk's turn on the link up has come: only now does it take its place on the receiver's link. */
    void leave(int to, int chunk) {
        SimNode receiver = world.node(to);
        long now = world.now();
        receiver.downFree = Math.max(
                now + (long) (Geometry.CHUNK_BYTES / up),
                Math.max(now, receiver.downFree) + (long) (Geometry.CHUNK_BYTES / receiver.down));
        world.carried(location, receiver.location);
        world.later(receiver.downFree - now, Timeline.Kind.CHUNK, to, number, chunk);
    }

    /** The sender's side of a chunk that came, or was given up. */
    void sent(int to) {
        if (lives()) {
            serving.sent(to);
            serve();
        }
    }

    /** A chunk that was being sent when this node paused is lost with its connection. */
    void broken(int to) {
        serving.sent(to);
    }

    void received(int from, int chunk) {
        if (!world.node(from).honest()) {
            swarm.corrupt(from, chunk);
            return;
        }
        store(chunk);
        swarm.arrived(from, chunk);
        noteComplete();
    }

    /** A chunk left the origin for this node: it takes its time on the link down. */
    void fromOrigin(int chunk) {
        long length = (long) (Geometry.CHUNK_BYTES / down);
        downFree = Math.max(downFree, world.now() - length) + length;
        world.later(Math.max(downFree, world.now()) - world.now(), Timeline.Kind.CHUNK, number, number, chunk);
    }

    void receivedFromOrigin(int chunk) {
        fetching.clear(chunk);
        store(chunk);
        swarm.arrivedFromOrigin(chunk);
        noteComplete();
    }

    private void store(int chunk) {
        if (stored.get(chunk)) {
            world.doubled();
        }
        stored.set(chunk);
    }

    private void noteComplete() {
        if (completeNanos < 0 && swarm.complete()) {
            completeNanos = world.now();
            world.nodeComplete();
        }
    }

    void heard(int from, int sequence, boolean snapshot, RoaringBitmap told) {
        if (!swarm.announced(from, sequence, snapshot, told)) {
            meet(from);
            swarm.announced(from, sequence, snapshot, told);
        }
        if (neighbours.contains(from) && !heard.get(from)) {
            heard.set(from);
            if (heard.cardinality() == neighbours.size()) {
                swarm.heardAll();
            }
        }
    }

    void lacked(int from, int chunk) {
        swarm.lacked(from, chunk);
    }

    void refused(int from, int chunk) {
        swarm.refused(from, chunk);
    }

    void askedSnapshot(int from) {
        swarm.snapshotAsked(from);
    }

    void urged(int chunk) {
        swarm.urged(chunk);
    }

    void claimed(int chunk, int count) {
        swarm.claimed(chunk, count);
    }

    @Override
    public void ask(int peer, boolean urgent) {
        world.send(Timeline.Kind.ASK, peer, number, urgent ? 1 : 0, null);
    }

    @Override
    public void decline(int peer) {
        world.send(Timeline.Kind.DECLINE, peer, number, 0, null);
    }

    @Override
    public void request(int peer, int chunk) {
        world.send(Timeline.Kind.REQUEST, peer, number, chunk, null);
    }

    @Override
    public void cancel(int peer, int chunk) {
        world.send(Timeline.Kind.CANCEL, peer, number, chunk, null);
    }

    @Override
    public void fetch(int chunk, int count) {
        if (honest()) {
            fetching.set(chunk, chunk + count);
            world.origin().get(this, chunk, count);
        }
    }

    @Override
    public void leaveOut(int chunk) {
        world.origin().leaveOut(this, chunk);
    }

    @Override
    public void announce(int peer, int sequence, boolean snapshot, RoaringBitmap told) {
        RoaringBitmap said = honest() ? told : world.all();
        world.send(snapshot ? Timeline.Kind.SNAPSHOT : Timeline.Kind.ANNOUNCE, peer, number, sequence, said);
    }

    @Override
    public void askSnapshot(int peer) {
        world.send(Timeline.Kind.ASK_SNAPSHOT, peer, number, 0, null);
    }

    @Override
    public void urge(int member, int chunk) {
        world.send(Timeline.Kind.URGE, member, number, chunk, null);
    }

    @Override
    public void claim(int member, int chunk, int count) {
        world.send(Timeline.Kind.CLAIM, member, number, chunk, count);
    }
}
