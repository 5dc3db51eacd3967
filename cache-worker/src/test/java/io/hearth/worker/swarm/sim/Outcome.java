package io.hearth.worker.swarm.sim;

import java.util.List;

/**
 * What came of a run.
 *
 * @param seconds each node's time from its start to its last chunk, by number; negative where it did not finish
 * @param overBound the slowest node's time over the time in which a link carries the object
 * @param originOverObject bytes from the origin over the object's
 * @param messages requests, announcements and their like, for each chunk that a node was to get
 */
record Outcome(
        Scenario scenario,
        List<Double> seconds,
        double overBound,
        double originOverObject,
        long farChunks,
        long doubledChunks,
        double messages,
        long announcements,
        long events) {

    /** The slowest of some nodes, over the bound. */
    double overBound(List<Integer> nodes) {
        return nodes.stream().mapToDouble(seconds::get).max().orElse(0) / scenario.boundSeconds();
    }

    @Override
    public String toString() {
        return String.format(
                "N=%d chunks=%d seed=%d: T/T1 %.3f, origin %.3f, far chunks %d, doubled %d, messages a chunk %.2f,"
                        + " announcements %d, events %d",
                scenario.nodes,
                scenario.chunks,
                scenario.seed,
                overBound,
                originOverObject,
                farChunks,
                doubledChunks,
                messages,
                announcements,
                events);
    }
}
