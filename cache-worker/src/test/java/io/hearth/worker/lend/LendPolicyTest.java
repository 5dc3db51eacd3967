package io.hearth.worker.lend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.worker.lend.Demand.Want;
import io.hearth.worker.lend.LendPolicy.Pace;
import io.hearth.worker.lend.LendPolicy.Step;
import java.util.Random;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** Traces of a node's wishes over simulated hours, looked at every 100 ms as the worker does. */
class LendPolicyTest {
    private static final long QUOTA = 100_000;
    private static final int LOOK_MS = 100;
    private static final Pace PACE = new Pace(10, 2_000, 30_000, 600_000, 10, 10_000);
    private static final Demand WANTED = new Demand(Want.WANTED, 0, "test");
    private static final Demand UNEASY = new Demand(Want.UNEASY, 0, "test");

    private LendPolicy policy = new LendPolicy(PACE);
    private long allowed = QUOTA;
    private long nowMs;
    private int gifts;
    private int growths;

    private void run(long forMs, LongFunction<Demand> trace) {
        for (long end = nowMs + forMs; nowMs < end; nowMs += LOOK_MS) {
            follow(policy.step(nowMs, trace.apply(nowMs), allowed, QUOTA));
        }
    }

    private void follow(Step step) {
        switch (step.kind()) {
            case GIVE -> {
                gifts++;
                allowed = Math.max(0, allowed - step.bytes());
            }
            case GROW -> {
                growths++;
                allowed = Math.min(QUOTA, allowed + step.bytes());
            }
            case KEEP -> {}
        }
    }

    @Test
    void aCalmNodeLendsAllAndNothingHappens() {
        run(3_600_000, at -> Demand.NONE);
        assertEquals(0, gifts + growths);
        assertFalse(policy.yielding());
    }

    @Test
    void theFirstLookAtPressureGivesAndWhatIsNamedIsGiven() {
        follow(policy.step(nowMs, new Demand(Want.WANTED, 12_345, "test"), allowed, QUOTA));
        assertEquals(QUOTA - 12_345, allowed);
        assertTrue(policy.yielding());
    }

    @Test
    void aSpikeCostsOneStepAndIsMadeGoodAfterTheCalmTime() {
        run(1_000, at -> WANTED);
        assertEquals(1, gifts, "one gift for each time to settle");
        assertEquals(QUOTA / 10 * 9, allowed);
        run(29_000, at -> Demand.NONE);
        assertEquals(0, growths);
        run(2_000, at -> Demand.NONE);
        assertEquals(1, growths);
        assertEquals(QUOTA, allowed);
        run(LOOK_MS, at -> Demand.NONE);
        assertFalse(policy.yielding());
    }

    @Test
    void lastingPressureTakesAllInStepsAndBringsItBackInSteps() {
        run(40_000, at -> WANTED);
        assertEquals(0, allowed);
        assertEquals(20, gifts);
        run(30_000 + 9 * 10_000 + LOOK_MS, at -> Demand.NONE);
        assertEquals(QUOTA, allowed);
        assertEquals(10, growths);
    }

    @Test
    void betweenTheThresholdsNothingMoves() {
        run(1_000, at -> WANTED);
        run(3_600_000, at -> UNEASY);
        assertEquals(1, gifts);
        assertEquals(0, growths);
    }

    @Test
    void pressureThatComesAndGoesFasterThanTheCalmTimeNeverGrows() {
        run(600_000, at -> at / 10_000 % 2 == 0 ? WANTED : Demand.NONE);
        assertEquals(0, growths);
    }

    @Test
    void aNodeThatCannotBearWhatIsLentSeesEverFewerTries() {
        sufferAboveSeventyPercent(4 * 3_600_000L);
        LendPolicyTest undoubled = new LendPolicyTest();
        undoubled.policy = new LendPolicy(new Pace(10, 2_000, 30_000, 30_000, 10, 10_000));
        undoubled.sufferAboveSeventyPercent(4 * 3_600_000L);
        assertEquals(27, growths);
        assertEquals(478, undoubled.growths, "without doubling");
        assertTrue(gifts <= 3 + growths, gifts + " gifts after " + growths + " growths");
    }

    /** What grows above is wanted back at once. */
    private void sufferAboveSeventyPercent(long forMs) {
        run(forMs, at -> allowed > QUOTA / 10 * 7 ? WANTED : Demand.NONE);
    }

    @Test
    void theDoublingIsForgottenAfterALongCalmWithEverythingLent() {
        sufferAboveSeventyPercent(3_600_000);
        run(3_600_000, at -> Demand.NONE);
        assertEquals(QUOTA, allowed);
        int before = growths;
        run(1_000, at -> WANTED);
        run(31_000, at -> Demand.NONE);
        assertEquals(before + 1, growths, "as fast as the first time");
    }

    @Test
    void noTraceFlaps() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int trace = 0; trace < 200; trace++) {
            LendPolicyTest one = new LendPolicyTest();
            long lastGrowthMs = Long.MIN_VALUE / 2;
            long lastGiftMs = Long.MIN_VALUE / 2;
            long lastWishMs = Long.MIN_VALUE / 2;
            Want want = Want.CALM;
            for (int look = 0; look < 20_000; look++, one.nowMs += LOOK_MS) {
                if (random.nextInt(150) == 0) {
                    want = Want.values()[random.nextInt(3)];
                }
                Step step = one.policy.step(one.nowMs, new Demand(want, 0, ""), one.allowed, QUOTA);
                one.follow(step);
                lastWishMs = want == Want.CALM ? lastWishMs : one.nowMs;
                if (step.kind() == Step.Kind.GIVE) {
                    assertTrue(want == Want.WANTED && one.nowMs - lastGiftMs >= PACE.settleMs(), "seed " + seed);
                    lastGiftMs = one.nowMs;
                } else if (step.kind() == Step.Kind.GROW) {
                    assertTrue(one.nowMs - lastGrowthMs >= PACE.growMs(), "seed " + seed);
                    assertTrue(one.nowMs - lastWishMs >= PACE.calmMs(), "grown too soon, seed " + seed);
                    lastGrowthMs = one.nowMs;
                }
            }
        }
    }
}
