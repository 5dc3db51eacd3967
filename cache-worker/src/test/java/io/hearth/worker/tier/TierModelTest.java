package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random plans of fills, reads, leases, evictions, full disks, broken disks, moves, rot and crashes between (and
 * within) any two writes. {@code -Dtest.jvm.flags=-Dhearth.tier.plans=2000} runs more of them.
 */
class TierModelTest {
    private static final int PLANS = Integer.getInteger("hearth.tier.plans", 200);
    private static final int STEPS = 160;

    @TempDir
    Path directory;

    @Test
    void noPlanEverReadsAWrongByteOrLosesAnAcknowledgedChunk() throws IOException {
        long first = Long.getLong("hearth.test.seed", System.nanoTime());
        long chunks = 0;
        long crashes = 0;
        long corrupt = 0;
        long leases = 0;
        long renewed = 0;
        long moves = 0;
        long comebacks = 0;
        long blocks = 0;
        for (long seed = first; seed < first + PLANS; seed++) {
            TierModel model = new TierModel(seed, directory.resolve(Long.toString(seed)));
            try {
                model.run(STEPS);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("plan fails: run with -Dtest.jvm.flags=-Dhearth.test.seed=" + seed, e);
            }
            chunks += model.chunksChecked;
            crashes += model.crashes;
            corrupt += model.corruptFound;
            leases += model.leasesKept;
            renewed += model.renewed;
            moves += model.moves;
            comebacks += model.comebacks;
            blocks += model.blocksEvicted;
        }
        System.out.println("seed " + first + ": " + chunks + " chunks read, " + crashes + " crashes, " + corrupt
                + " rotten chunks found, " + renewed + " files made anew, " + leases
                + " times a leased file was found in its place, "
                + moves + " moves, " + comebacks + " disks came back, " + blocks + " blocks evicted");
        assertTrue(
                chunks > 10L * PLANS
                        && crashes > PLANS / 4
                        && corrupt > PLANS / 10
                        && renewed > PLANS / 50
                        && leases > 10L * PLANS
                        && moves > PLANS / 10
                        && comebacks > PLANS / 4
                        && blocks > PLANS / 4,
                "the plans do too little");
    }
}
