package io.hearth.client.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.read.ReadWindow.Plan;
import io.hearth.client.read.ReadWindow.Range;
import io.hearth.protocol.Geometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadWindowTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    @Test
    void theWindowGrowsWithWhatWasReadAndStopsAtItsBound() {
        ReadWindow window = new ReadWindow(1L << 30, 8, 0);
        for (long offset = 0; offset < 100L * MIB; offset += 128 * KIB) {
            Plan plan = window.read(offset, 128 * KIB, 16);
            long progress = offset + 128 * KIB;
            int ahead = plan.aheadTo() - plan.aheadFrom();
            assertTrue(ahead <= 16, "ahead " + ahead);
            assertTrue(ahead <= (progress + MIB - 1) / MIB, ahead + " chunks after " + progress + " bytes");
            assertTrue(offset < 32L * MIB || ahead >= 8, ahead + " chunks at " + offset);
        }
    }

    @Test
    void randomReadsAreNotReadAhead() {
        Random random = new Random(5);
        ReadWindow window = new ReadWindow(1L << 40, 8, 1 << 30);
        for (int i = 0; i < 10_000; i++) {
            long offset = 1 + (random.nextLong() & ((1L << 40) - 1)) / 2;
            Plan plan = window.read(offset, 4096, 16);
            assertFalse(plan.stream(), "read " + i);
            assertTrue(plan.hint().isEmpty());
        }
    }

    @Test
    void requestsOutOfOrderAreOneStream() {
        ReadWindow window = new ReadWindow(1L << 30, 8, 0);
        Random random = new Random(6);
        List<Long> offsets = new ArrayList<>();
        for (long offset = 500L * MIB; offset < 540L * MIB; offset += 128 * KIB) {
            offsets.add(offset);
        }
        for (int i = 0; i + 6 < offsets.size(); i++) {
            java.util.Collections.swap(offsets, i, i + random.nextInt(6));
        }
        int streams = 0;
        for (long offset : offsets) {
            streams += window.read(offset, 128 * KIB, 16).stream() ? 1 : 0;
        }
        assertTrue(streams > offsets.size() - 10, streams + " of " + offsets.size());
    }

    @Test
    void severalStreamsAreToldApart() {
        ReadWindow window = new ReadWindow(1L << 30, 4, 0);
        for (int step = 0; step < 64; step++) {
            for (int stream = 0; stream < 4; stream++) {
                Plan plan = window.read(stream * 200L * MIB + step * 128L * KIB, 128 * KIB, 16);
                assertTrue(step < 3 || plan.stream(), "stream " + stream + " at step " + step);
            }
        }
    }

    @Test
    void everyBlockIsHintedOnceAndNothingBeyondTheEnd() {
        long size = 300L * MIB + 77;
        ReadWindow window = new ReadWindow(size, 8, 128L * MIB);
        List<Range> hints = new ArrayList<>();
        for (long offset = 0; offset < size; offset += 128 * KIB) {
            Plan plan = window.read(offset, (int) Math.min(128 * KIB, size - offset), 16);
            plan.hint().ifPresent(hints::add);
            assertTrue(plan.aheadTo() <= Geometry.chunks(size));
            long reach = offset + 128 * KIB + 128L * MIB + Geometry.BLOCK_BYTES;
            plan.hint().ifPresent(hint -> assertTrue(hint.to() <= reach, hint + " at reach " + reach));
        }
        long end = hints.get(0).from();
        assertEquals(Geometry.BLOCK_BYTES, end, "the block that is being read is not hinted");
        for (Range hint : hints) {
            assertEquals(end, hint.from(), "one after another");
            end = hint.to();
        }
        assertEquals(size, end);
    }
}
