package io.hearth.worker.swarm.sim;

import java.util.Random;

/** Random scenarios: of every kind of trouble, some. */
final class Plans {
    private static final int NODES_MAX = 24;
    private static final int CHUNKS_MAX = 96;

    private Plans() {}

    /** The scenario of a seed; the same for ever. */
    static Scenario random(long seed) {
        Random random = new Random(seed);
        int nodes = 2 + random.nextInt(NODES_MAX - 1);
        Scenario plan = new Scenario(nodes, 1 + random.nextInt(CHUNKS_MAX), 100 * Scenario.MBIT, seed);
        plan.originRate = plan.linkRate * (0.25 + 2 * random.nextDouble());
        plan.firstByteSeconds = 0.2 * random.nextDouble();
        plan.latencySeconds = 0.01 * random.nextDouble();
        plan.loss = random.nextInt(3) == 0 ? 0.1 * random.nextDouble() : 0;
        plan.zones = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
        double usual = plan.boundSeconds();
        for (int node = 0; node < nodes; node++) {
            trouble(plan, node, usual, random);
        }
        return plan;
    }

    private static void trouble(Scenario plan, int node, double usualSeconds, Random random) {
        double when = 1.5 * usualSeconds * random.nextDouble();
        switch (random.nextInt(16)) {
            case 0 -> plan.slow(node, 0.1);
            case 1 -> plan.slow(node, 0.1 + 0.9 * random.nextDouble());
            case 2 -> plan.late(node, when);
            case 3 -> plan.fate(when, node, Timeline.Kind.KILL);
            case 4 -> plan.fate(when, node, Timeline.Kind.PAUSE);
            case 5 -> {
                plan.fate(when, node, Timeline.Kind.PAUSE);
                plan.fate(when + 3 * usualSeconds * random.nextDouble(), node, Timeline.Kind.RESUME);
            }
            case 6 -> plan.liars.put(node, Scenario.Lie.values()[random.nextInt(Scenario.Lie.values().length)]);
            default -> {}
        }
    }
}
