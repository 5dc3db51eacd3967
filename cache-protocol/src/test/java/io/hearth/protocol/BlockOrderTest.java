package io.hearth.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.hearth.protocol.BlockOrder.Run;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockOrderTest {
    private static final int BLOCKS_MAX = 8 << 20;

    @Test
    void anOrderSurvivesAsBytesWithinItsBound() {
        List<Run> runs = new ArrayList<>(Collections.nCopies(BlockOrder.RUNS_MAX - 1, new Run(BLOCKS_MAX - 1, 1)));
        runs.add(new Run(0, BLOCKS_MAX));
        BlockOrder order = new BlockOrder(runs);
        assertEquals(order, BlockOrder.decode(order.encode()));
        assertTrue(order.encode().length <= BlockOrder.BYTES_MAX);
        assertEquals(BlockOrder.RUNS_MAX - 1 + BLOCKS_MAX, order.blocks());
    }

    @Test
    void bytesBecomeTheBlocksThatTheyTouch() {
        assertEquals(
                List.of(new Run(1, 2)), BlockOrder.ofBytes((16 << 20) - 1, 2).runs());
        assertTrue(BlockOrder.ofBytes((16 << 20) - 1, 2).within((16 << 20) + 1));
        assertFalse(BlockOrder.ofBytes((16 << 20) - 1, 2).within(16 << 20));
    }

    @Test
    void runsThatNoObjectHasAreRefused() {
        for (int[] run : new int[][] {{-1, 1}, {0, 0}, {0, -1}, {0, BLOCKS_MAX + 1}, {BLOCKS_MAX, 1}}) {
            assertThrows(HearthException.class, () -> new Run(run[0], run[1]));
        }
        List<Run> many = Collections.nCopies(BlockOrder.RUNS_MAX + 1, new Run(0, 1));
        assertThrows(HearthException.class, () -> new BlockOrder(many));
    }

    @Test
    void damagedBytesEndInOurFailureAndNothingElse() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        byte[] good = new BlockOrder(List.of(new Run(700, 3), new Run(1, 1), new Run(90, 500))).encode();
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(good.length + 3)];
            System.arraycopy(good, 0, bytes, 0, Math.min(good.length, bytes.length));
            if (bytes.length > 0) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                BlockOrder.decode(bytes);
            } catch (HearthException expected) {
                assertEquals(FailureKind.INVALID, expected.kind());
            } catch (RuntimeException e) {
                fail("seed " + seed + " round " + round, e);
            }
        }
    }
}
