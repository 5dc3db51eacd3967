package io.hearth.testing.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PacerTest {
    private static final double TICK_S = 0.005;

    @Test
    void aConnectionGetsItsOwnRateWhileTheTotalIsLarge() {
        assertEquals(List.of(2_000_000L, 50_000L), sent(64_000_000, 1, 2_000_000, 50_000));
    }

    @Test
    void theTotalIsSharedAndWhatASlowOneLeavesGoesToTheOthers() {
        List<Long> sent = sent(10_000_000, 1, 1_000_000, 20_000_000, 20_000_000);
        assertTrue(Math.abs(sent.get(0) - 1_000_000) < 20_000, sent::toString);
        assertTrue(Math.abs(sent.get(1) - 4_500_000) < 50_000, sent::toString);
        assertTrue(Math.abs(sent.get(2) - 4_500_000) < 50_000, sent::toString);
    }

    private static List<Long> sent(long totalBytesPerS, int seconds, long... rates) {
        Pacer pacer = new Pacer(totalBytesPerS);
        List<Endless> transfers = LongStream.of(rates).mapToObj(Endless::new).toList();
        transfers.forEach(pacer::add);
        for (int tick = 0; tick < seconds / TICK_S; tick++) {
            pacer.tick(TICK_S);
        }
        return transfers.stream().map(transfer -> transfer.sent).toList();
    }

    private static final class Endless implements Pacer.Transfer {
        private final long bytesPerS;
        private final Pacer.Allowance allowance = new Pacer.Allowance();
        private long sent;

        Endless(long bytesPerS) {
            this.bytesPerS = bytesPerS;
        }

        @Override
        public long bytesPerS() {
            return bytesPerS;
        }

        @Override
        public int ready(int allowed) {
            return allowed;
        }

        @Override
        public boolean send(int bytes) {
            sent += bytes;
            return false;
        }

        @Override
        public boolean gone() {
            return false;
        }

        @Override
        public Pacer.Allowance allowance() {
            return allowance;
        }
    }
}
