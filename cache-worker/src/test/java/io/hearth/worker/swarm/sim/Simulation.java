package io.hearth.worker.swarm.sim;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.placement.Location;
import io.hearth.protocol.placement.Member;
import io.hearth.protocol.placement.Members;
import io.hearth.protocol.placement.PlacementTable;
import io.hearth.worker.swarm.NeighbourRings;
import io.hearth.worker.swarm.Swarm;
import io.hearth.worker.swarm.SwarmPlace;
import io.hearth.worker.swarm.SwarmSettings;
import io.hearth.worker.swarm.sim.Timeline.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntPredicate;
import org.roaringbitmap.RoaringBitmap;

/** Runs a {@link Scenario} until all nodes that live have all chunks, and checks that they do. */
final class Simulation {
    /** How soon others hear that a node died: its connections break, or the list of members says so. */
    private static final long DEATH_HEARD_NANOS = 1_000_000_000L;

    private final Scenario scenario;
    private final Timeline timeline = new Timeline();
    private final Random random;
    private final SimOrigin origin;
    private final Members members;
    private final ObjectId object;
    private final PlacementTable owners;
    private final Map<String, PlacementTable> gates = new HashMap<>();
    private final Map<String, List<Integer>> zones = new HashMap<>();
    private final List<SimNode> nodes = new ArrayList<>();
    private final RoaringBitmap all;
    private int incomplete;
    private long messages;
    private long announcements;
    private long farChunks;
    private long doubled;

    private Simulation(Scenario scenario) {
        this.scenario = scenario;
        this.random = new Random(scenario.seed);
        this.all = RoaringBitmap.bitmapOfRange(0, scenario.chunks);
        origin = new SimOrigin(
                scenario.originRate / 8e9,
                scenario.connectionRate / 8e9,
                (long) (scenario.firstByteSeconds * 1e9),
                timeline);
        byte[] id = new byte[ObjectId.BYTES];
        random.nextBytes(id);
        object = ObjectId.of(id);
        List<Member> listed = new ArrayList<>();
        for (int i = 0; i < scenario.nodes; i++) {
            Location location = new Location("zone-" + i % scenario.zones, "");
            listed.add(new Member(String.format("worker-%06d", i), 1L << 30, location));
            zones.computeIfAbsent(location.zone(), zone -> new ArrayList<>()).add(i);
        }
        members = new Members(1, listed);
        int blocks = Geometry.blocks((long) scenario.chunks * Geometry.CHUNK_BYTES);
        owners = PlacementTable.of(object, blocks, members, 3);
        zones.forEach((zone, inside) -> gates.put(
                zone,
                PlacementTable.of(
                        object,
                        blocks,
                        new Members(1, inside.stream().map(listed::get).toList()),
                        1)));
    }

    static Outcome run(Scenario scenario) {
        return new Simulation(scenario).run();
    }

    private Outcome run() {
        NeighbourRings rings = new NeighbourRings(members, object, scenario.settings);
        for (int i = 0; i < scenario.nodes; i++) {
            double rate = scenario.linkRate / 8e9 * scenario.slowLinks.getOrDefault(i, 1.0);
            nodes.add(new SimNode(
                    this,
                    i,
                    members.all().get(i).location(),
                    rate,
                    rate,
                    Optional.ofNullable(scenario.liars.get(i)),
                    rings.of(i)));
            timeline.at((long) (scenario.starts.getOrDefault(i, 0.0) * 1e9), Kind.START, i, 0, 0, null);
        }
        scenario.fates.forEach(
                fate -> timeline.at((long) (fate.atSeconds() * 1e9), fate.kind(), fate.node(), 0, 0, null));
        incomplete = scenario.nodes;
        long end = (long) (scenario.secondsMax * 1e9);
        while (!finished() && timeline.now() < end && timeline.step(this::on)) {}
        return outcome();
    }

    private boolean finished() {
        if (incomplete == 0) {
            return true;
        }
        return incomplete <= scenario.fates.size() + scenario.liars.size()
                && nodes.stream().noneMatch(node -> !excused(node) && node.completeNanos() < 0);
    }

    private static boolean excused(SimNode node) {
        return node.dead() || node.paused() || !node.honest();
    }

    private Outcome outcome() {
        List<Double> seconds = new ArrayList<>();
        double slowest = 0;
        for (int i = 0; i < scenario.nodes; i++) {
            SimNode node = nodes.get(i);
            if (!excused(node) && node.stored().cardinality() != scenario.chunks) {
                throw new AssertionError("node " + i + " of seed " + scenario.seed + " has "
                        + node.stored().cardinality() + " of " + scenario.chunks + " chunks after "
                        + timeline.now() / 1e9 + " s");
            }
            double took = node.completeNanos() < 0 ? -1 : (node.completeNanos() - node.startedNanos()) / 1e9;
            seconds.add(took);
            slowest = Math.max(slowest, took);
        }
        return new Outcome(
                scenario,
                seconds,
                slowest / scenario.boundSeconds(),
                (double) origin.chunksSent() / scenario.chunks,
                farChunks,
                doubled,
                (double) messages / scenario.chunks / scenario.nodes,
                announcements,
                timeline.count());
    }

    private void on(Kind kind, int number, int from, int value, Object told) {
        if (kind == Kind.ORIGIN) {
            origin.wake(value);
            return;
        }
        SimNode node = nodes.get(number);
        switch (kind) {
            case START -> node.start();
            case KILL -> {
                if (value == 0) {
                    kill(node, number);
                } else {
                    node.peerGone(from);
                }
            }
            case PAUSE -> node.pause();
            case RESUME -> node.resume();
            case CHUNK -> chunk(node, number, from, value);
            case LEAVE -> node.leave(from, value);
            case GIVEN_UP -> node.sent(from);
            default -> {
                if (node.lives() && !node.paused()) {
                    tell(node, kind, from, value, told);
                }
            }
        }
    }

    private void kill(SimNode node, int number) {
        node.kill();
        for (int i = 0; i < nodes.size(); i++) {
            int other = i;
            if (other != number) {
                timeline.at(timeline.now() + DEATH_HEARD_NANOS, Kind.KILL, other, number, 1, null);
            }
        }
    }

    private void chunk(SimNode node, int number, int from, int chunk) {
        SimNode sender = nodes.get(from);
        boolean hears = node.lives() && !node.paused();
        if (from == number) {
            if (hears) {
                node.receivedFromOrigin(chunk);
            }
            return;
        }
        if (sender.dead() || sender.paused()) {
            sender.broken(number);
            return;
        }
        if (hears) {
            node.received(from, chunk);
        }
        sender.sent(number);
    }

    private static void tell(SimNode node, Kind kind, int from, int value, Object told) {
        switch (kind) {
            case TICK -> node.ticked();
            case ASK -> node.asked(from, value == 1);
            case OFFER -> node.offered(from);
            case DECLINE -> node.declined(from);
            case REQUEST -> node.requested(from, value);
            case CANCEL -> {} // What was chosen is on its way already.
            case REFUSED -> node.refused(from, value);
            case LACKED -> node.lacked(from, value);
            case ANNOUNCE -> node.heard(from, value, false, (RoaringBitmap) told);
            case SNAPSHOT -> node.heard(from, value, true, (RoaringBitmap) told);
            case ASK_SNAPSHOT -> node.askedSnapshot(from);
            case URGE -> node.urged(value);
            case CLAIM -> node.claimed(value, (Integer) told);
            default -> throw new AssertionError(kind);
        }
    }

    long now() {
        return timeline.now();
    }

    SwarmSettings settings() {
        return scenario.settings;
    }

    SimOrigin origin() {
        return origin;
    }

    SimNode node(int number) {
        return nodes.get(number);
    }

    RoaringBitmap all() {
        return all;
    }

    Swarm plan(int number, SimNode node) {
        List<Integer> zone = zones.get(node.location().zone());
        PlacementTable gate = gates.get(node.location().zone());
        int inside = zone.indexOf(number);
        IntPredicate crosses = scenario.zones == 1 ? block -> true : block -> gate.owner(block) == inside;
        boolean late = scenario.starts.containsKey(number);
        return new Swarm(
                scenario.chunks,
                scenario.nodes,
                new SwarmPlace(number, owners, late, crosses),
                scenario.settings,
                timeline::now,
                new Random(random.nextLong()),
                node);
    }

    void tickLater(int node, long from) {
        timeline.at(from + scenario.settings.announceInterval().toNanos(), Kind.TICK, node, 0, 0, null);
    }

    void later(long nanos, Kind kind, int node, int from, int value) {
        timeline.at(timeline.now() + nanos + (long) (scenario.latencySeconds * 1e9), kind, node, from, value, null);
    }

    void at(long time, Kind kind, int node, int from, int value) {
        timeline.at(time, kind, node, from, value, null);
    }

    /** A message, which may be lost. */
    void send(Kind kind, int to, int from, int value, Object told) {
        if (kind == Kind.ANNOUNCE || kind == Kind.SNAPSHOT) {
            announcements++;
        } else {
            messages++;
        }
        if (scenario.loss == 0 || random.nextDouble() >= scenario.loss) {
            timeline.at(timeline.now() + (long) (scenario.latencySeconds * 1e9), kind, to, from, value, told);
        }
    }

    void carried(Location from, Location to) {
        farChunks += from.zone().equals(to.zone()) ? 0 : 1;
    }

    void doubled() {
        doubled++;
    }

    void nodeComplete() {
        incomplete--;
    }
}
