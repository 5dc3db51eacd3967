package io.hearth.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final int BLOCKS = 10_000;

    private final ObjectId object = ObjectId.of(new byte[32]);

    @Test
    void everyCallerGetsTheSameOrder() {
        List<String> workers = workers(8);
        List<String> shuffled = new ArrayList<>(workers);
        Collections.shuffle(shuffled, new Random(1));
        for (int block = 0; block < 100; block++) {
            assertEquals(order(block, workers), order(block, shuffled));
        }
    }

    @Test
    void blocksSpreadEvenly() {
        int[] owned = new int[8];
        List<String> workers = workers(8);
        for (int block = 0; block < BLOCKS; block++) {
            owned[workers.indexOf(order(block, workers).get(0))]++;
        }
        for (int count : owned) {
            assertEquals(BLOCKS / 8.0, count, BLOCKS / 8.0 * 0.15);
        }
    }

    @Test
    void aWorkerThatLeavesMovesOnlyItsOwnBlocks() {
        List<String> before = workers(8);
        List<String> after = before.subList(0, 7);
        int moved = 0;
        for (int block = 0; block < BLOCKS; block++) {
            String owner = order(block, before).get(0);
            String next = order(block, after).get(0);
            if (!owner.equals(next)) {
                assertEquals(before.get(7), owner);
                moved++;
            }
        }
        assertTrue(moved > 0 && moved < BLOCKS / 6, moved + " blocks moved");
    }

    private List<String> order(int block, List<String> workers) {
        return Placement.order(object, block, workers, Placement::identity);
    }

    private static List<String> workers(int count) {
        List<String> workers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            workers.add("worker-" + i);
        }
        return workers;
    }
}
