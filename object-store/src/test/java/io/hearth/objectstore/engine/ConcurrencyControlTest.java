package io.hearth.objectstore.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The control loop in virtual time, against origins simulated in steps of 10 ms. */
class ConcurrencyControlTest {
    private static final long STEP_NS = 10_000_000;
    private static final double MB = 1e6;

    @Test
    void findsTheRateOfManySlowConnections() {
        Simulated origin = new Simulated(2 * MB, 64 * MB, Integer.MAX_VALUE, 1);
        origin.run(3);
        assertTrue(origin.rateOf(2) >= 0.9 * 64 * MB, origin::toString);
        origin.run(20);
        assertTrue(origin.rateOf(20) >= 0.9 * 64 * MB, origin::toString);
    }

    @Test
    void findsTheRateOfVerySlowConnections() {
        Simulated origin = new Simulated(0.5 * MB, 24 * MB, Integer.MAX_VALUE, 2);
        origin.run(13);
        assertTrue(origin.rateOf(10) >= 0.9 * 24 * MB, origin::toString);
    }

    @Test
    void staysBelowTheLevelThatBroughtRefusals() {
        Simulated origin = new Simulated(20 * MB, 100 * MB, 8, 3);
        origin.run(2);
        assertTrue(origin.refused <= 16, () -> "a storm at the start: " + origin);
        long before = origin.refused;
        origin.run(60);
        assertTrue(origin.refused - before <= 12, () -> "more than rare probes: " + origin);
        assertTrue(origin.rateOf(60) >= 0.9 * 100 * MB, origin::toString);
        assertTrue(origin.control.ceiling() <= 9, origin::toString);
    }

    @Test
    void findsARaisedCeilingAgain() {
        Simulated origin = new Simulated(2 * MB, 64 * MB, 8, 4);
        origin.run(5);
        assertEquals(8, origin.control.limit(), origin::toString);
        origin.requestsMax = Integer.MAX_VALUE;
        origin.run(120);
        assertTrue(origin.rateOf(5) >= 0.9 * 64 * MB, origin::toString);
    }

    @Test
    void asksNoMoreWhereMoreBringsNothing() {
        Simulated origin = new Simulated(100 * MB, 100 * MB, Integer.MAX_VALUE, 5);
        origin.run(4);
        assertTrue(origin.control.limit() <= 32, origin::toString);
        Simulated fast = new Simulated(200 * MB, 400 * MB, Integer.MAX_VALUE, 5);
        fast.run(20);
        assertTrue(fast.control.limit() <= 20, () -> "16 bring all there is: " + fast);
    }

    @Test
    void takesAWarmUpForNoMeritOfMoreConnections() {
        for (int seconds = 2; seconds <= 8; seconds++) {
            Simulated origin = new Simulated(200 * MB, 400 * MB, Integer.MAX_VALUE, 7);
            origin.warmUpSeconds = seconds;
            origin.run(12);
            int warmed = seconds;
            assertTrue(origin.control.limit() <= 32, () -> "warm after " + warmed + " s: " + origin);
        }
    }

    @Test
    void judgesARaiseWhenItIsUsed() {
        ConcurrencyControl control = new ConcurrencyControl(16, 128);
        long bytes = 0;
        int look = 0;
        while (control.limit() == 16 && look < 100) {
            control.look(++look * ConcurrencyControl.LOOK_NS, bytes += 10_000_000, true, true, 0);
        }
        assertEquals(32, control.limit());
        for (int unused = 0; unused < 20; unused++) {
            control.look(++look * ConcurrencyControl.LOOK_NS, bytes, false, false, 0);
        }
        assertEquals(32, control.limit());
        for (int used = 0; used < 20; used++) {
            control.look(++look * ConcurrencyControl.LOOK_NS, bytes += 10_000_000, true, true, 0);
        }
        assertEquals(16, control.limit(), "fast connections, and no more from twice as many");
    }

    @Test
    void givesWayFastToAnOriginThatRefusesWhateverIsAsked() {
        Simulated origin = new Simulated(2 * MB, 64 * MB, 0, 6);
        origin.run(3);
        assertTrue(origin.control.limit() <= 2, origin::toString);
    }

    @Test
    void learnsNothingWhileNobodyWaits() {
        ConcurrencyControl control = new ConcurrencyControl(16, 128);
        for (int i = 1; i <= 100; i++) {
            control.look(i * ConcurrencyControl.LOOK_NS, i * i * 1_000_000L, false, false, 0);
        }
        assertEquals(16, control.limit());
    }

    /**
     * Requests of up to 8 MB, a second's worth, wait without end; each has its first byte after 90 ms, and a refused
     * one comes back after 50.
     */
    private static final class Simulated {
        private final double connectionBytesPerS;
        private final double totalBytesPerS;
        private final ConcurrencyControl control = new ConcurrencyControl(16, 64);
        private final List<double[]> running = new ArrayList<>();
        private final Deque<Double> bytesOfSteps = new ArrayDeque<>();
        private final Random random;
        private int requestsMax;
        /** How long this process takes until it can receive all that the origin gives. */
        private double warmUpSeconds;

        private long nowNs;
        private double bytes;
        private long refused;
        private long backOffUntilNs;

        Simulated(double connectionBytesPerS, double totalBytesPerS, int requestsMax, long seed) {
            this.connectionBytesPerS = connectionBytesPerS;
            this.totalBytesPerS = totalBytesPerS;
            this.requestsMax = requestsMax;
            this.random = new Random(seed);
        }

        void run(int seconds) {
            for (long end = nowNs + seconds * 1_000_000_000L; nowNs < end; nowNs += STEP_NS) {
                fill();
                transfer();
                if (nowNs % ConcurrencyControl.LOOK_NS == 0 && nowNs > 0) {
                    control.look(nowNs, (long) bytes, true, true, 90_000_000);
                }
            }
        }

        private void fill() {
            if (nowNs < backOffUntilNs) {
                return;
            }
            int wanted = control.limit() - running.size();
            int refusals = 0;
            for (int i = 0; i < wanted; i++) {
                if (running.size() >= requestsMax) {
                    refusals++;
                } else {
                    running.add(new double[] {
                        Math.min(8 * MB, connectionBytesPerS) * (0.9 + 0.2 * random.nextDouble()), nowNs + 90e6
                    });
                }
            }
            for (int left = refusals - 1; left >= 0; left--) {
                refused++;
                backOffUntilNs = nowNs + 50_000_000;
                control.refused(running.size() + left, nowNs);
            }
        }

        private void transfer() {
            long sending = running.stream().filter(one -> one[1] <= nowNs).count();
            double warm = Math.min(1, 0.02 + nowNs / 1e9 / Math.max(warmUpSeconds, 1e-9));
            double each = Math.min(connectionBytesPerS, warm * totalBytesPerS / Math.max(1, sending)) * STEP_NS / 1e9;
            double sent = 0;
            for (double[] one : running) {
                if (one[1] <= nowNs) {
                    sent += Math.min(each, one[0]);
                    one[0] -= each;
                }
            }
            running.removeIf(one -> one[0] <= 0);
            bytes += sent;
            bytesOfSteps.addLast(sent);
        }

        /** Bytes per second of the last so many seconds. */
        double rateOf(int seconds) {
            long skipped = bytesOfSteps.size() - seconds * 1_000_000_000L / STEP_NS;
            return bytesOfSteps.stream().skip(skipped).mapToDouble(one -> one).sum() / seconds;
        }

        @Override
        public String toString() {
            return "limit " + control.limit() + ", ceiling " + control.ceiling() + ", refused " + refused
                    + ", rate of the last 2 s " + rateOf(2) / MB + " MB/s";
        }
    }
}
