package io.hearth.fuse.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.fuse.DatasetFileSystem;
import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.MemoryReads;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.MountPoint;
import io.hearth.fuse.MountedFileSystem;
import io.hearth.fuse.TestTree;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random plans of calls on a real mount, in several threads, with refreshes between them, each answer held against a
 * file system in memory. {@code -Dtest.jvm.flags=-Dhearth.test.plans=10000} runs more of them,
 * {@code -Dhearth.test.seed} one again.
 */
abstract class RandomPlans {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Duration PROCESS_BOUND = Duration.ofHours(1);
    private static final Duration CACHE_FOR = Duration.ofMillis(20);
    private static final int ACTORS_MAX = 3;
    private static final int STEPS_MAX = 25;
    private static final int PHASES_MAX = 4;

    /** So many plans may fail before no more is begun. */
    private static final int FAILURES_MAX = 5;

    @TempDir
    Path directory;

    private final Tally tally = new Tally();
    private final List<AssertionError> failures = new CopyOnWriteArrayList<>();

    /** @return aborts the test, with a reason, where this machine cannot mount */
    protected abstract FuseTransport transport(MountMetrics metrics);

    /** Mounts side by side. */
    protected abstract int mounts();

    /** Whether a path keeps the object that a handle has open. */
    protected abstract boolean pathsKeepTheirObjects();

    @Test
    void agreeWithAFileSystemInMemory() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        int plans = Integer.getInteger("hearth.test.plans", 300);
        long first = Long.getLong("hearth.test.seed", System.nanoTime());
        AtomicLong next = new AtomicLong(first);
        int mounts = Math.min(plans, mounts());
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Programs programs = new Programs(directory, mounts * ACTORS_MAX, PROCESS_BOUND)) {
            List<Callable<Void>> lanes = new ArrayList<>();
            for (int i = 0; i < mounts; i++) {
                lanes.add(() -> lane(programs, threads, next, first + plans));
            }
            all(threads, lanes);
        } finally {
            threads.shutdownNow();
        }
        if (!failures.isEmpty()) {
            failures.stream().skip(1).forEach(failures.get(0)::addSuppressed);
            throw failures.get(0);
        }
        System.out.println("seeds " + first + " to " + (first + plans - 1) + ": " + tally);
        assertEquals(plans, tally.plans.sum());
        assertTrue(plans < 100 || tally.didEnough(), "the plans do too little: " + tally);
    }

    /** One mount; takes plans until all are taken. */
    private Void lane(Programs programs, ExecutorService threads, AtomicLong next, long end) throws Exception {
        Path root = MountPoint.check(Files.createTempDirectory("hearth-plans"));
        MountMetrics metrics = new MountMetrics(new SimpleMeterRegistry());
        DatasetFileSystem fileSystem =
                new DatasetFileSystem(new TestTree().build(), new MemoryReads(), 500, metrics, System::nanoTime);
        try (MountedFileSystem mount = transport(metrics).mount(fileSystem, root, options())) {
            mount.awaitReady(BOUND);
            List<Programs.Program> here = new ArrayList<>();
            for (int i = 0; i < ACTORS_MAX; i++) {
                here.add(programs.on(root));
            }
            Stage stage = new Stage(
                    fileSystem, pathsKeepTheirObjects(), root.toString().length() + 1, tally);
            for (long seed = next.getAndIncrement(); seed < end; seed = next.getAndIncrement()) {
                try {
                    plan(seed, stage, here, threads);
                } catch (AssertionError | Exception e) {
                    failures.add(new AssertionError(
                            "plan fails: run with -Dtest.jvm.flags='-Dhearth.test.plans=1" + " -Dhearth.test.seed="
                                    + seed + "'",
                            e));
                    if (failures.size() >= FAILURES_MAX) {
                        next.set(end);
                    }
                }
            }
        } finally {
            Files.delete(root);
        }
        return null;
    }

    private void plan(long seed, Stage stage, List<Programs.Program> programs, ExecutorService threads)
            throws Exception {
        Random random = new Random(seed);
        Listings listings = new Listings(random, "p" + seed);
        stage.begin(listings.first());
        List<Actor> actors = new ArrayList<>();
        for (int i = 1 + random.nextInt(ACTORS_MAX); i > 0; i--) {
            Random own = new Random(random.nextLong());
            Actor.Paths paths = new Actor.Paths(own, stage, new Listings(own, ""));
            actors.add(new Actor("actor " + i, own, programs.get(i - 1), stage, paths));
        }
        try {
            for (int phases = random.nextInt(PHASES_MAX); phases >= 0; phases--) {
                int steps = 1 + random.nextInt(STEPS_MAX);
                all(threads, actors.stream().map(actor -> task(actor, steps)).toList());
                if (phases > 0) {
                    stage.refresh(listings.changed(stage.now()));
                }
            }
        } finally {
            for (Actor actor : actors) {
                actor.closeAll();
            }
        }
        tally.plans.increment();
    }

    private static Callable<Void> task(Actor actor, int steps) {
        return () -> {
            actor.steps(steps);
            return null;
        };
    }

    private static void all(ExecutorService threads, List<Callable<Void>> tasks) throws Exception {
        for (Future<Void> task : threads.invokeAll(tasks)) {
            try {
                task.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AssertionError wrong) {
                    throw wrong;
                }
                throw e;
            }
        }
    }

    private static FuseTransport.Options options() {
        return new FuseTransport.Options(
                CACHE_FOR, 1 << 20, 64, 16, 256 << 10, 16 << 20, Optional.empty(), true, Duration.ofMillis(100), BOUND);
    }
}
