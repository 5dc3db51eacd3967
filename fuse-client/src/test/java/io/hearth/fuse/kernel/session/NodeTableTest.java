package io.hearth.fuse.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeTableTest {
    private static final int STEPS = 300_000;
    private static final long ROOT_INODE = 1;

    private record Node(long inode, long lookups) {}

    @Test
    void anIdStandsForOneInodeAndIsNeverUsedTwice() {
        NodeTable table = new NodeTable(ROOT_INODE);
        long first = table.name(500);
        assertEquals(first, table.name(500));
        table.forget(first, 1);
        assertEquals(500, table.inode(first));
        table.forget(first, 1);
        assertEquals(NodeTable.NONE, table.inode(first));
        assertEquals(NodeTable.NONE, table.known(500));
        assertNotEquals(first, table.name(500));
        assertEquals(1, table.size());
    }

    @Test
    void aRetiredNodeGoesOnAndItsInodeGetsAFreshOne() {
        NodeTable table = new NodeTable(ROOT_INODE);
        long old = table.name(500);
        table.retire(old);
        assertEquals(NodeTable.NONE, table.known(500));
        long fresh = table.name(500);
        assertNotEquals(old, fresh);
        assertEquals(500, table.inode(old));
        assertEquals(500, table.inode(fresh));
        table.retire(old);
        table.forget(old, 1);
        assertEquals(NodeTable.NONE, table.inode(old));
        assertEquals(fresh, table.known(500));
        table.retire(fresh);
        table.forget(fresh, 1);
        table.retire(12345);
        assertEquals(0, table.size());
    }

    @Test
    void theRootIsAlwaysThere() {
        NodeTable table = new NodeTable(ROOT_INODE);
        assertEquals(NodeTable.ROOT, table.name(ROOT_INODE));
        table.forget(NodeTable.ROOT, -1);
        assertEquals(ROOT_INODE, table.inode(NodeTable.ROOT));
        assertEquals(NodeTable.ROOT, table.known(ROOT_INODE));
        assertEquals(0, table.size());
    }

    @Test
    void countsAreUnsignedAndMoreThanAllIsAll() {
        NodeTable table = new NodeTable(ROOT_INODE);
        long node = table.name(500);
        table.forget(node, 0);
        assertEquals(1, table.size());
        table.forget(node, -1);
        assertEquals(0, table.size());
        table.forget(node, 1);
        table.forget(12345, 1);
        assertEquals(0, table.size());
    }

    @Test
    void randomPlansAgreeWithTheOracle() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        System.out.println("random node plan: seed " + seed);
        Random random = new Random(seed);
        NodeTable table = new NodeTable(ROOT_INODE);
        Map<Long, Node> oracle = new HashMap<>();
        Map<Long, Long> idOf = new HashMap<>();
        Set<Long> used = new HashSet<>();
        List<Long> ids = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            // Waves: it grows for a while, then shrinks.
            boolean grows = random.nextInt(10) < (step / 20_000 % 2 == 0 ? 7 : 3);
            if (grows) {
                long inode = 2 + random.nextInt(5000) * 0x100000001L;
                long id = table.name(inode);
                if (idOf.containsKey(inode)) {
                    assertEquals(idOf.get(inode), id, "seed " + seed);
                } else {
                    assertTrue(used.add(id), "id " + id + " twice, seed " + seed);
                    ids.add(id);
                }
                idOf.put(inode, id);
                oracle.merge(id, new Node(inode, 1), (old, one) -> new Node(inode, old.lookups() + 1));
            } else if (!ids.isEmpty()) {
                int index = random.nextInt(ids.size());
                long id = ids.get(index);
                Node node = oracle.get(id);
                long count = 1 + random.nextInt((int) node.lookups());
                table.forget(id, count);
                if (count == node.lookups()) {
                    oracle.remove(id);
                    idOf.remove(node.inode());
                    ids.set(index, ids.get(ids.size() - 1));
                    ids.remove(ids.size() - 1);
                    assertEquals(NodeTable.NONE, table.inode(id), "seed " + seed);
                } else {
                    oracle.put(id, new Node(node.inode(), node.lookups() - count));
                }
            }
            assertEquals(oracle.size(), table.size(), "seed " + seed);
        }
        oracle.forEach((id, node) -> {
            assertEquals(node.inode(), table.inode(id), "seed " + seed);
            assertEquals(id, table.known(node.inode()), "seed " + seed);
        });
    }
}
