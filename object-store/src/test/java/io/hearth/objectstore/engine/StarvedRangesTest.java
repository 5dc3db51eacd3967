package io.hearth.objectstore.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Verdicts over ranges whose bytes a test hands out, look by look. */
class StarvedRangesTest {
    private static final long LOOK_MS = ConcurrencyControl.LOOK_NS / 1_000_000;
    private static final long FIRST_BYTE_NS = 90_000_000;
    private static final int LENGTH = 2 << 20;

    private final StarvedRanges starved = new StarvedRanges();
    private final RecentValues before = new RecentValues(64);
    private final List<Fed> ranges = new ArrayList<>();
    private long nowMs = 1;

    @Test
    void aRangeFarSlowerThanItsPeersIsSeenAfterFourLooks() {
        Fed slow = feed(10, 2_000, 50);
        for (int look = 1; look <= 3; look++) {
            assertEquals(List.of(), look(LOOK_MS));
        }
        assertEquals(List.of(slow), look(LOOK_MS));
    }

    @Test
    void whereAllAreSlowNoneIs() {
        feed(10, 50, 50);
        for (int look = 0; look < 40; look++) {
            assertEquals(List.of(), look(LOOK_MS));
        }
    }

    @Test
    void aPauseOfTheProcessSaysNothingOfItsConnections() {
        Fed late = feed(10, 2_000, 2_000);
        look(LOOK_MS);
        look(LOOK_MS);
        late.bytesPerMs = 0; // The others' bytes were taken up before the next look, its own after it.
        assertEquals(List.of(), look(400));
        late.bytesPerMs = 2_000;
        for (int look = 0; look < 10; look++) {
            assertEquals(List.of(), look(LOOK_MS));
        }
    }

    @Test
    void whatIsNearlyDoneIsLeftToItsEnd() {
        Fed slow = feed(10, 2_000, 50);
        slow.leftBytes = 20_000;
        for (int look = 0; look < 6; look++) {
            assertEquals(List.of(), look(LOOK_MS));
        }
    }

    @Test
    void theLastOneIsComparedWithThoseBeforeIt() {
        for (int i = 0; i < 10; i++) {
            before.add(2e6);
        }
        Fed last = feed(0, 0, 50);
        for (int look = 1; look <= 5; look++) {
            assertEquals(List.of(), look(LOOK_MS), "judged too soon with no peers: look " + look);
        }
        assertEquals(List.of(last), look(LOOK_MS));
    }

    /** So many peers and another; gives that. Each has its first byte now. */
    private Fed feed(int peers, int peersBytesPerMs, int bytesPerMs) {
        for (int i = 0; i < peers; i++) {
            ranges.add(new Fed(peersBytesPerMs));
        }
        Fed other = new Fed(bytesPerMs);
        ranges.add(other);
        return other;
    }

    private List<Permit.Running> look(long afterMs) {
        nowMs += afterMs;
        ranges.forEach(range -> range.pass(afterMs));
        return starved.look(nowMs * 1_000_000, List.copyOf(ranges), before, FIRST_BYTE_NS);
    }

    private static final class Fed implements Permit.Running {
        private int bytesPerMs;
        private long bytes;
        private long receivingMs;
        private long leftBytes = LENGTH;

        Fed(int bytesPerMs) {
            this.bytesPerMs = bytesPerMs;
        }

        void pass(long ms) {
            long count = Math.min(leftBytes, bytesPerMs * ms);
            bytes += count;
            leftBytes -= count;
            receivingMs += ms;
        }

        @Override
        public Progress progress() {
            return new Progress(bytes, receivingMs * 1_000_000, leftBytes);
        }

        @Override
        public void abandon() {
            throw new IllegalStateException("verdicts alone");
        }
    }
}
