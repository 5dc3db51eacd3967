package io.hearth.worker.swarm.sim;

import io.hearth.worker.swarm.SwarmSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is simulated: nodes, links, origin, faults. Rates in bits a second, times in seconds. */
final class Scenario {
    static final double MBIT = 1e6;
    static final double GBIT = 1e9;

    final int nodes;
    final int chunks;
    final double linkRate;
    final long seed;
    double originRate;
    double connectionRate = Double.MAX_VALUE / 1e12;
    double firstByteSeconds = 0.03;
    double latencySeconds = 0.0002;
    double loss;
    int zones = 1;
    double secondsMax = 3600;
    SwarmSettings settings = SwarmSettings.of(Map.of());
    final Map<Integer, Double> slowLinks = new TreeMap<>();
    final Map<Integer, Lie> liars = new TreeMap<>();
    final Map<Integer, Double> starts = new TreeMap<>();
    final List<Fate> fates = new ArrayList<>();

    /** How a node that lies about what it has answers when it is asked. */
    enum Lie {
        SAYS_IT_LACKS,
        SAYS_NOTHING,
        SENDS_WRONG_BYTES
    }

    /** Something that befalls a node. */
    record Fate(double atSeconds, int node, Timeline.Kind kind) {}

    Scenario(int nodes, int chunks, double linkRate, long seed) {
        this.nodes = nodes;
        this.chunks = chunks;
        this.linkRate = linkRate;
        this.originRate = linkRate;
        this.seed = seed;
    }

    Scenario with(Map<String, String> values) {
        settings = SwarmSettings.of(values);
        return this;
    }

    Scenario origin(double rate, double oneConnection) {
        originRate = rate;
        connectionRate = oneConnection;
        return this;
    }

    Scenario slow(int node, double part) {
        slowLinks.put(node, part);
        return this;
    }

    Scenario late(int node, double atSeconds) {
        starts.put(node, atSeconds);
        return this;
    }

    Scenario fate(double atSeconds, int node, Timeline.Kind kind) {
        fates.add(new Fate(atSeconds, node, kind));
        return this;
    }

    /** What there is to it, for a person. */
    String describe() {
        return nodes + " nodes, " + chunks + " chunks, loss " + loss + ", zones " + zones + ", slow " + slowLinks
                + ", late " + starts + ", liars " + liars + ", fates " + fates;
    }

    /** The time in which one link, or the origin, carries the object: what no plan can beat. */
    double boundSeconds() {
        return chunks * 8.0 * (1 << 20) / Math.min(linkRate, originRate);
    }
}
