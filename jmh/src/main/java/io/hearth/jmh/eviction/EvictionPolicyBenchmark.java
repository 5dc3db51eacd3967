package io.hearth.jmh.eviction;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.EvictionPolicy;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What an operation of a policy costs one thread in a full tier of that many objects. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EvictionPolicyBenchmark {
    private static final long BYTES = 1 << 20;
    private static final int GHOSTS_MAX = 131_072;
    /** Objects that there are for each that fits. */
    private static final int SPARES = 4;

    @Param({"S3_FIFO", "LRU"})
    public EvictionChoice policy;

    @Param({"10000", "200000"})
    public int objects;

    private final Predicate<ObjectId> everybody = id -> true;
    private final SplittableRandom random = new SplittableRandom(1);
    private EvictionPolicy tier;
    private ObjectRef object;
    private ObjectId[] ids;
    private ObjectId[] absent;
    private int next;
    private Predicate<ObjectId> unleased;

    /** Fills the tier and turns it over once. */
    @Setup
    public void fill() {
        tier = policy.policy(GHOSTS_MAX);
        object = object(0);
        ids = new ObjectId[SPARES * objects];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = object(i).id();
        }
        for (int i = 0; i < objects; i++) {
            tier.added(object, ids[i], BYTES);
        }
        absent = Arrays.copyOfRange(ids, objects, ids.length);
        for (int i = 0; i < objects; i++) {
            turnOver();
        }
        long leasedBelow = Long.MIN_VALUE + (Long.MAX_VALUE >>> 3);
        unleased = id -> id.prefix() >= leasedBelow;
    }

    private static ObjectRef object(int number) {
        return new ObjectRef("origin", "folder/file-" + number, new Validator.LastModified(number), BYTES);
    }

    /** A read of an object that may be here or not. */
    @Benchmark
    public void used() {
        tier.used(ids[random.nextInt(ids.length)], 0);
    }

    /** A victim leaves and a newcomer comes. */
    @Benchmark
    public void turnOver() {
        replace(everybody);
    }

    /** The same, while a sixteenth of all objects is leased for good. */
    @Benchmark
    public void turnOverBesideLeases() {
        replace(unleased);
    }

    private void replace(Predicate<ObjectId> evictable) {
        ObjectId victim = tier.victim(evictable).orElseThrow();
        tier.removed(victim);
        ObjectId newcomer = absent[next];
        absent[next] = victim;
        next = (next + 1) % absent.length;
        tier.added(object, newcomer, BYTES);
        tier.used(newcomer, 0);
    }
}
