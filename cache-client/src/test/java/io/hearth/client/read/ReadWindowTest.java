package io.hearth.client.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.read.ReadWindow.Bounds;
import io.hearth.client.read.ReadWindow.Plan;
import io.hearth.client.read.ReadWindow.Range;
import io.hearth.protocol.Geometry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadWindowTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final Bounds NO_HINTS = new Bounds(16, 1, 0);
    private static final Bounds HINTS = new Bounds(16, 1, 256L * MIB);
    private static final long SECOND = 1_000_000_000;

    /** A read that takes no time, at one moment for all. */
    private static Plan read(ReadWindow window, long offset, int length, Bounds bounds) {
        Plan plan = window.begin(offset, length, 0, bounds);
        window.ended(plan, length, 0, 0);
        return plan;
    }

    @Test
    void theWindowGrowsWithWhatWasReadAndStopsAtItsBound() {
        ReadWindow window = new ReadWindow(1L << 30, 8);
        for (long offset = 0; offset < 100L * MIB; offset += 128 * KIB) {
            Plan plan = read(window, offset, 128 * KIB, NO_HINTS);
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
        ReadWindow window = new ReadWindow(1L << 40, 64);
        for (int i = 0; i < 10_000; i++) {
            long offset = 1 + (random.nextLong() & ((1L << 40) - 1)) / 2;
            Plan plan = read(window, offset, 4096, HINTS);
            assertFalse(plan.stream(), "read " + i);
            assertTrue(plan.hint().isEmpty());
        }
    }

    /** A fault of a mapping is read around in requests of the mount's length, one window of the kernel's read-ahead. */
    @Test
    void whatTheKernelReadsAroundOneFaultIsNoStreamAndTheNextRequestIsOne() {
        for (long fault = 100L * MIB + 5 * KIB; fault < 1L << 29; fault += 7L * MIB) {
            ReadWindow window = new ReadWindow(1L << 30, 64);
            for (int part = 0; part < 4; part++) {
                Plan plan = read(window, fault + part * 256 * KIB, 256 * KIB, HINTS);
                assertFalse(plan.stream(), "part " + part + " at " + fault);
                assertTrue(plan.hint().isEmpty() && plan.aheadTo() <= plan.aheadFrom(), "nothing beside it");
            }
            assertTrue(read(window, fault + MIB, 4 * KIB, HINTS).stream(), "who goes on");
        }
    }

    /** An oracle of its own: which chunks of which block were read. */
    @Test
    void aRandomReadAsksForItsBlockAtTheSecondChunkThereAndForNothingElse() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        long size = 4L << 30;
        ReadWindow window = new ReadWindow(size, 1);
        Map<Integer, Set<Integer>> read = new LinkedHashMap<>();
        Set<Integer> asked = new HashSet<>();
        for (int i = 0; i < 4_000; i++) {
            // Two megabytes and more apart, so that no two are a stream.
            long offset = (random.nextInt(2) == 0 ? 0 : size / 2) + random.nextInt(256) * 8L * MIB / 2 + 5;
            Plan plan = read(window, offset, 4096, HINTS);
            if (plan.stream()) {
                continue;
            }
            Set<Integer> chunks = read.computeIfAbsent(Geometry.blockOf(offset), block -> new HashSet<>());
            chunks.add(Geometry.chunkOf(offset));
            boolean second = chunks.size() > 1 && asked.add(Geometry.blockOf(offset));
            long start = Geometry.blockOffset(Geometry.blockOf(offset));
            Optional<Range> expected =
                    second ? Optional.of(new Range(start, start + Geometry.BLOCK_BYTES)) : Optional.empty();
            assertEquals(expected, plan.block(), "seed " + seed + " read " + i + " at " + offset);
            assertTrue(plan.aheadTo() <= plan.aheadFrom(), "nothing is read ahead");
        }
        assertFalse(asked.isEmpty(), "seed " + seed);
    }

    @Test
    void requestsOutOfOrderAreOneStream() {
        ReadWindow window = new ReadWindow(1L << 30, 8);
        Random random = new Random(6);
        List<Long> offsets = new ArrayList<>();
        for (long offset = 500L * MIB; offset < 540L * MIB; offset += 128 * KIB) {
            offsets.add(offset);
        }
        for (int i = 0; i + 6 < offsets.size(); i++) {
            Collections.swap(offsets, i, i + random.nextInt(6));
        }
        int streams = 0;
        for (long offset : offsets) {
            streams += read(window, offset, 128 * KIB, NO_HINTS).stream() ? 1 : 0;
        }
        assertTrue(streams > offsets.size() - 30, streams + " of " + offsets.size());
    }

    /** Against a model that knows which reader each read is of: position alone must tell the same. */
    @Test
    void interleavedReadersAreToldApartByPositionAndTheOneUnusedForLongestBeginsAnew() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        for (int plan = 0; plan < 40; plan++) {
            Random random = new Random(seed + plan);
            int cursorsMax = 1 + random.nextInt(64);
            int readers = 1 + random.nextInt(80);
            ReadWindow window = new ReadWindow(1L << 40, cursorsMax);
            long[] next = new long[readers];
            for (int reader = 0; reader < readers; reader++) {
                next[reader] = (reader + 1) * (1L << 32) + random.nextInt(MIB);
            }
            LinkedHashMap<Integer, long[]> known = new LinkedHashMap<>(16, 0.75f, true);
            for (int step = 0; step < 3_000; step++) {
                int reader = random.nextInt(random.nextBoolean() ? readers : Math.min(readers, cursorsMax));
                int length = 4 * KIB * (1 + random.nextInt(64));
                long[] progress = known.computeIfAbsent(reader, fresh -> new long[2]);
                progress[0] += length;
                progress[1]++;
                if (known.size() > cursorsMax) {
                    known.remove(known.keySet().iterator().next());
                }
                Plan did = read(window, next[reader], length, HINTS);
                boolean stream = progress[1] > 1 && progress[0] > MIB;
                String where = "seed " + (seed + plan) + " step " + step + " reader " + reader;
                assertEquals(stream, did.stream(), where);
                int ahead = did.aheadTo() - did.aheadFrom();
                assertTrue(ahead <= 16 && ahead <= (progress[0] + MIB - 1) / MIB, where + ": ahead " + ahead);
                next[reader] += length;
                did.hint()
                        .ifPresent(hint -> assertTrue(
                                hint.from() >= next[reader] - length
                                        && hint.to() <= next[reader] + 4 * progress[0] + Geometry.BLOCK_BYTES,
                                where + ": " + hint));
            }
        }
    }

    @Test
    void everyBlockIsHintedOnceAndNothingBeyondTheEnd() {
        long size = 300L * MIB + 77;
        ReadWindow window = new ReadWindow(size, 8);
        Bounds bounds = new Bounds(16, 1, 128L * MIB);
        List<Range> hints = new ArrayList<>();
        for (long offset = 0; offset < size; offset += 128 * KIB) {
            Plan plan = read(window, offset, (int) Math.min(128 * KIB, size - offset), bounds);
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

    @Test
    void aReaderThatTakesItsTimeIsHintedWhatItTakesWhileBytesAreOnTheirWay() {
        long slow = farthestHint(10L * MIB, SECOND / 4); // 10 MiB/s, a quarter of a second for bytes
        long slower = farthestHint(10L * MIB, 2 * SECOND);
        long fast = farthestHint(4096L * MIB, SECOND / 4);
        assertTrue(slow >= Geometry.BLOCK_BYTES && slow <= 3 * Geometry.BLOCK_BYTES, slow + " bytes");
        assertTrue(slower >= 60L * MIB && slower <= 100L * MIB, slower + " bytes where bytes take eight times as long");
        assertTrue(fast >= 250L * MIB && fast <= 264L * MIB, fast + " bytes: the bound");
    }

    /**
     * How far beyond a reader that takes so many bytes a second, whose first reads of a chunk wait, it is hinted at
     * last.
     */
    private static long farthestHint(long bytesPerSecond, long waitNs) {
        ReadWindow window = new ReadWindow(4L << 30, 8);
        long now = 0;
        long farthest = 0;
        for (long offset = 0; offset < 512L * MIB; offset += 256 * KIB) {
            Plan plan = window.begin(offset, 256 * KIB, now, HINTS);
            long tookNs = offset % MIB == 0 ? waitNs : 0;
            window.ended(plan, 256 * KIB, now, now + tookNs);
            now += tookNs + 256L * KIB * SECOND / bytesPerSecond;
            if (plan.hint().isPresent() && offset > 128L * MIB) {
                farthest = Math.max(farthest, plan.hint().get().to() - offset);
            }
        }
        return farthest;
    }

    @Test
    void aBlockMayBeHintedAgainAfterAMinute() {
        ReadWindow window = new ReadWindow(64L * MIB, 8);
        assertEquals(Optional.of(new Range(8L * MIB, 64L * MIB)), window.ahead(0, 256L * MIB));
        window.begin(0, MIB, 1, HINTS);
        assertEquals(Optional.empty(), window.ahead(0, 256L * MIB));
        window.begin(MIB, KIB, 62 * SECOND, HINTS);
        assertTrue(window.ahead(2 * MIB, 256L * MIB).isPresent());
    }

    @Test
    void onlyStreamsThatAreReadCount() {
        ReadWindow window = new ReadWindow(1L << 30, 8);
        for (long offset = 0; offset < 2 * MIB; offset += 256 * KIB) {
            window.begin(offset, 256 * KIB, 0, NO_HINTS);
            window.begin((512L << 20) + offset, 256 * KIB, SECOND, NO_HINTS);
        }
        assertEquals(2, window.streams(SECOND));
        assertEquals(1, window.streams(2 * SECOND + SECOND / 2));
        assertEquals(0, window.streams(4 * SECOND));
    }
}
