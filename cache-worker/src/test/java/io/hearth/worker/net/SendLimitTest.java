package io.hearth.worker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SendLimitTest {
    private static final int MIB = 1 << 20;

    private long now = 5;
    private final SendLimit limit = new SendLimit(() -> now);

    @Test
    void withoutALimitNobodyWaits() {
        for (int i = 0; i < 1000; i++) {
            assertEquals(0, limit.waitNanos());
            limit.sent(MIB);
        }
    }

    @Test
    void overAnyTimeNoMoreIsSentThanTheRateAndOnePieceAllows() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        long rate = 10L * MIB;
        limit.limit(rate);
        long begun = now;
        long sent = 0;
        while (now - begun < TimeUnit.SECONDS.toNanos(100)) {
            long wait = limit.waitNanos();
            if (wait == 0) {
                int piece = 1 + random.nextInt(MIB);
                limit.sent(piece);
                sent += piece;
                double most = rate * ((now - begun) / 1e9 + 0.1) + MIB;
                assertTrue(sent <= most, sent + " sent, at most " + most + ", seed " + seed);
            }
            now += Math.max(wait, random.nextInt(1_000_000));
        }
        assertTrue(sent > rate * 95, "the rate is used: " + sent + ", seed " + seed);
    }

    @Test
    void onlyReadersOnOtherNodesAreCounted() throws Exception {
        InetSocketAddress here = new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 7071);
        assertFalse(limit.counts(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 5), here));
        assertFalse(limit.counts(new InetSocketAddress(InetAddress.getByName("::1"), 5), here));
        assertFalse(limit.counts(new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 5), here), "its own address");
        assertTrue(limit.counts(new InetSocketAddress(InetAddress.getByName("10.0.0.2"), 5), here));
    }

    @Test
    void anEndedLimitLetsEverybodyGo() {
        limit.limit(1);
        limit.sent(MIB);
        assertTrue(limit.waitNanos() > 0 && limit.waitNanos() <= TimeUnit.MILLISECONDS.toNanos(250));
        limit.limit(0);
        assertEquals(0, limit.waitNanos());
        limit.limit(MIB);
        assertEquals(0, limit.waitNanos(), "debts of before are forgotten");
    }
}
