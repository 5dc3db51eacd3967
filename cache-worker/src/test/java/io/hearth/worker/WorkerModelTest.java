package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random plans against whole workers: readers, hints, leases, evictions, overwrites, storms of errors at the origin,
 * full disks, crashes in mid-write, flipped bits. {@code -Dhearth.worker.plans=1000} runs more of them.
 */
class WorkerModelTest {
    private static final int STEPS = 30;

    @TempDir
    Path directory;

    @Test
    void noPlanEverGivesAReaderAWrongByte() throws Exception {
        int plans = Integer.getInteger("hearth.worker.plans", 25);
        long first = Long.getLong("hearth.test.seed", System.nanoTime());
        WorkerModel.Tally tally = new WorkerModel.Tally();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            for (long seed = first; seed < first + plans; seed++) {
                try (WorkerModel model =
                        new WorkerModel(seed, directory.resolve(Long.toString(seed)), threads, tally)) {
                    model.run(STEPS);
                } catch (AssertionError | Exception e) {
                    throw new AssertionError("plan fails: run with -Dtest.jvm.flags=-Dhearth.test.seed=" + seed, e);
                }
            }
        } finally {
            threads.shutdownNow();
        }
        System.out.println("seeds " + first + " to " + (first + plans - 1) + ": " + tally);
        assertTrue(tally.didEnough(plans), "the plans do too little: " + tally);
    }
}
