package io.hearth.worker.fill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.BlockOrder.Run;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.wire.MessageCodec;
import io.hearth.worker.FakeOrigin;
import io.hearth.worker.WireClient;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LongHintsTest {
    private static final int BLOCKS = 100;

    private final LongHints hints = new LongHints(32, 4);

    @Test
    void oneBlockMoreIsUnderWayWithEachHalfOfOneThatCameUpToTheBound() {
        assertFalse(hints.chunkCame(), "nothing to do");
        add("model");
        assertEquals(1, hints.depth());
        assertEquals(1, more(Geometry.CHUNKS_PER_BLOCK / 2));
        assertEquals(2, hints.depth());
        assertEquals(30, more(1000));
        assertEquals(32, hints.depth());
    }

    @Test
    void theNextModelBeginsWithFewBlocksAgain() {
        add("first");
        more(1000);
        add("second");
        assertEquals(32, hints.depth(), "while the first is under way");
        IntStream.range(0, 2 * BLOCKS).forEach(block -> assertTrue(hints.next().isPresent()));
        add("third");
        assertEquals(1, hints.depth());
    }

    @Test
    void blocksComeInTheOrderAskedForAndSayHowManyOfTheirObjectCameBefore() {
        ObjectRef one = FakeOrigin.object("one", Geometry.blockOffset(BLOCKS));
        ObjectRef other = FakeOrigin.object("other", Geometry.blockOffset(BLOCKS));
        BlockOrder order = new BlockOrder(List.of(new Run(7, 2), new Run(0, 1), new Run(50, 1)));
        assertTrue(hints.add(WireClient.CONTEXT, one, order));
        assertTrue(hints.add(WireClient.CONTEXT, one, new BlockOrder(List.of(new Run(8, 1)))), "known already");
        assertTrue(hints.add(WireClient.CONTEXT, other, new BlockOrder(List.of(new Run(3, 1)))));
        assertTrue(hints.add(WireClient.CONTEXT, one, new BlockOrder(List.of(new Run(90, 1)))));
        assertEquals(List.of("one 7 0", "one 8 1", "one 0 2", "one 50 3", "other 3 0", "one 90 4"), all());
        assertTrue(hints.add(WireClient.CONTEXT, one, new BlockOrder(List.of(new Run(90, 1)))));
        assertEquals(List.of("one 90 0"), all(), "nothing of it waited");
    }

    @Test
    void aBlockThatAnOrderNamesAgainAndAgainIsGivenOnce() {
        ObjectRef one = FakeOrigin.object("one", Geometry.blockOffset(BLOCKS));
        List<Run> runs = Stream.generate(() -> new Run(0, BLOCKS))
                .limit(MessageCodec.RUNS_MAX - 2)
                .toList();
        List<Run> order = Stream.concat(Stream.of(new Run(7, 2), new Run(8, 2)), runs.stream())
                .toList();
        assertTrue(hints.add(WireClient.CONTEXT, one, new BlockOrder(order)));
        List<String> given = all();
        assertEquals(BLOCKS, given.size());
        assertEquals(List.of("one 7 0", "one 8 1", "one 9 2", "one 0 3"), given.subList(0, 4));
        assertEquals("one 99 99", given.get(BLOCKS - 1));
    }

    /** Random orders against what a set of the blocks says. */
    @Test
    void anOrderGivesItsBlocksEachOnceWhereTheyStandFirst() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2000; round++) {
            BlockOrder order = order(random);
            BlockOrder other = order(random);
            DistinctRuns distinct = new DistinctRuns(order);
            String what = "seed " + seed + ", " + order;
            assertEquals(
                    order.numbers().distinct().boxed().toList(),
                    new BlockOrder(distinct.runs()).numbers().boxed().toList(),
                    what);
            assertTrue(distinct.runs().size() < 2 * order.runs().size(), what);
            boolean all = other.numbers().allMatch(block -> order.numbers().anyMatch(known -> known == block));
            assertEquals(all, distinct.covers(new DistinctRuns(other)), what + " covers " + other);
        }
    }

    private static BlockOrder order(SplittableRandom random) {
        return new BlockOrder(Stream.generate(
                        () -> new Run(random.nextInt(30), 1 + random.nextInt(1 + random.nextInt(20))))
                .limit(1 + random.nextInt(12))
                .toList());
    }

    private List<String> all() {
        return Stream.generate(hints::next)
                .takeWhile(Optional::isPresent)
                .map(Optional::get)
                .map(block -> block.object().key() + " " + block.number() + " " + block.before())
                .toList();
    }

    private void add(String key) {
        long sizeBytes = Geometry.blockOffset(BLOCKS);
        assertTrue(hints.add(WireClient.CONTEXT, FakeOrigin.object(key, sizeBytes), BlockOrder.ofBytes(0, sizeBytes)));
    }

    /** How many of so many chunks let one more block begin. */
    private long more(int chunks) {
        return IntStream.range(0, chunks).filter(chunk -> hints.chunkCame()).count();
    }
}
