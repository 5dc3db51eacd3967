package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.testing.trace.HitRatio;
import io.hearth.testing.trace.Replay;
import io.hearth.testing.trace.ReplayPolicy;
import io.hearth.testing.trace.Trace;
import io.hearth.testing.trace.Traces;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** What S3-FIFO was chosen for, on short traces; the table of the long ones is in docs/decisions/0007-eviction.md. */
class EvictionTraceTest {
    private static final int ACCESSES = 60_000;
    private static final int GHOSTS_MAX = 131_072;
    private static final int SEEDS = 8;
    private static final int[] PERCENTS = {5, 10, 20, 40};

    private final long seed = Long.getLong("hearth.test.seed", System.nanoTime());

    @Test
    void nowhereMoreThanAPointOfHitRatioBelowLru() {
        for (int kind = 0; kind < Traces.all(seed, ACCESSES).size(); kind++) {
            int chosen = kind;
            for (int percent : PERCENTS) {
                assertGain(-0.01, one -> Traces.all(one, ACCESSES).get(chosen), percent);
            }
        }
    }

    @Test
    void fivePointsAboveLruOnAScanBesideAHotSet() {
        for (int percent : PERCENTS) {
            assertGain(0.05, one -> Traces.scanAndHotSet(one, ACCESSES), percent);
        }
    }

    /**
     * On the mean of some traces: where few models rotate in a small cache, one of them decides over points of bytes.
     */
    private void assertGain(double gain, LongFunction<Trace> traces, int percent) {
        double requests = 0;
        double bytes = 0;
        String name = "";
        for (int i = 0; i < SEEDS; i++) {
            Trace trace = traces.apply(seed + i);
            name = trace.name();
            long capacityBytes = trace.footprintBytes() / 100 * percent;
            HitRatio lru = Replay.of(trace, capacityBytes, new Adapter(EvictionChoice.LRU.policy(GHOSTS_MAX)));
            HitRatio fifo = Replay.of(trace, capacityBytes, new Adapter(EvictionChoice.S3_FIFO.policy(GHOSTS_MAX)));
            requests += (fifo.ofRequests() - lru.ofRequests()) / SEEDS;
            bytes += (fifo.ofBytes() - lru.ofBytes()) / SEEDS;
        }
        assertTrue(
                requests >= gain && bytes >= gain,
                name + ", cache of " + percent + " % of the footprint, seed " + seed + ": S3-FIFO over LRU by "
                        + requests + " of requests, " + bytes + " of bytes");
    }

    private record Adapter(EvictionPolicy policy) implements ReplayPolicy {
        @Override
        public void added(ObjectRef object, ObjectId id, long bytes) {
            policy.added(object, id, bytes);
        }

        @Override
        public void used(ObjectId id, long position) {
            policy.used(id, position);
        }

        @Override
        public void removed(ObjectId id) {
            policy.removed(id);
        }

        @Override
        public ObjectId victim() {
            return policy.victim(id -> true).orElseThrow();
        }
    }
}
