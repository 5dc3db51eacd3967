package io.hearth.worker.swarm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/** The chunks that readers of this node wait for, and what they read next. Not thread-safe. */
final class Demands {
    private final long patienceNanos;
    private final List<Demand> waiting = new ArrayList<>();

    private static final class Demand {
        private final int chunk;
        private final int window;
        private long sinceNanos;

        Demand(int chunk, int window, long sinceNanos) {
            this.chunk = chunk;
            this.window = window;
            this.sinceNanos = sinceNanos;
        }
    }

    /** What to take for a reader; -1 for nothing. */
    @FunctionalInterface
    interface Choice {
        int of(int chunk, int window);
    }

    /** @param patienceNanos after which what does not come is fetched from the origin */
    Demands(long patienceNanos) {
        this.patienceNanos = patienceNanos;
    }

    /** Gives whether nobody waited for the chunk before. */
    boolean add(int chunk, int window, long now) {
        return !has(chunk) && waiting.add(new Demand(chunk, window, now));
    }

    boolean has(int chunk) {
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).chunk == chunk) {
                return true;
            }
        }
        return false;
    }

    void met(int chunk) {
        waiting.removeIf(demand -> demand.chunk == chunk);
    }

    /** The first choice that is made for a reader, the one that waits longest first; -1 for none. */
    int choose(Choice choice) {
        for (int i = 0; i < waiting.size(); i++) {
            int chunk = choice.of(waiting.get(i).chunk, waiting.get(i).window);
            if (chunk >= 0) {
                return chunk;
            }
        }
        return -1;
    }

    /** Whether a reader waits for such a chunk. */
    boolean any(IntPredicate such) {
        for (int i = 0; i < waiting.size(); i++) {
            if (such.test(waiting.get(i).chunk)) {
                return true;
            }
        }
        return false;
    }

    /** Names those that wait for too long and are not to be had otherwise, each again after as long. */
    void overdue(long now, IntPredicate stuck, IntConsumer fetch) {
        for (Demand demand : waiting) {
            if (now - demand.sinceNanos > patienceNanos && stuck.test(demand.chunk)) {
                demand.sinceNanos = now;
                fetch.accept(demand.chunk);
            }
        }
    }
}
