package io.hearth.testing;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;

/** Decides what goes wrong with each request. Called by many threads. */
@FunctionalInterface
public interface FaultPlan {
    /** What is asked of the store. */
    enum Operation {
        LIST,
        HEAD,
        GET
    }

    /**
     * The fault of the next request; {@link Fault.None} for none. Ranges' faults mean nothing for listings and heads.
     */
    Fault next(Operation operation, String key);

    static FaultPlan none() {
        return (operation, key) -> new Fault.None();
    }

    /** These for the first GETs, one each; then, and for other operations, none. */
    static FaultPlan gets(Fault... faults) {
        Queue<Fault> queue = new ArrayDeque<>(List.of(faults));
        return (operation, key) -> {
            synchronized (queue) {
                Fault next = operation == Operation.GET ? queue.poll() : null;
                return next == null ? new Fault.None() : next;
            }
        };
    }

    /**
     * Each request fails with probability {@code share}, by one of the faults; the same seed gives the same sequence.
     */
    static FaultPlan seeded(long seed, double share, List<Fault> faults) {
        // Not Random: its first draws are all alike for small seeds.
        SplittableRandom random = new SplittableRandom(seed);
        return (operation, key) -> {
            synchronized (random) {
                return random.nextDouble() < share ? faults.get(random.nextInt(faults.size())) : new Fault.None();
            }
        };
    }
}
