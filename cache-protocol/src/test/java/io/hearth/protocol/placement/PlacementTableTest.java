package io.hearth.protocol.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacementTableTest {
    private static final int COPIES = 3;
    private final long seed = Long.getLong("hearth.test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void everyCallerWhoKnowsTheEpochGetsTheSameTable() {
        List<Member> members = weighted(40);
        List<Member> shuffled = new ArrayList<>(members);
        Collections.shuffle(shuffled, random);
        ObjectId object = object();
        assertArrayEquals(
                holders(PlacementTable.of(object, 500, new Members(1, members), COPIES)),
                holders(PlacementTable.of(object, 500, new Members(1, shuffled), COPIES)));
    }

    @Test
    void noWorkerOwnsMoreThanItsShare() {
        for (int round = 0; round < 50; round++) {
            int blocks = random.nextInt(3000);
            Members members = new Members(1, equal(1 + random.nextInt(60)));
            int[] owned = owned(PlacementTable.of(object(), blocks, members, COPIES), members);
            int bound = (blocks + members.size() - 1) / members.size();
            for (int count : owned) {
                assertTrue(count <= bound, () -> told(count + " blocks of at most " + bound));
            }
        }
    }

    @Test
    void sharesFollowWhatIsLent() {
        Members members = new Members(
                1,
                List.of(
                        new Member("a", 1L << 30, Location.UNKNOWN),
                        new Member("b", 2L << 30, Location.UNKNOWN),
                        new Member("c", 4L << 30, Location.UNKNOWN),
                        new Member("d", 0, Location.UNKNOWN)));
        assertArrayEquals(
                new int[] {1000, 2000, 4000, 0}, owned(PlacementTable.of(object(), 7000, members, 1), members));
    }

    @Test
    void theHoldersOfABlockDiffer() {
        Members members = new Members(1, weighted(5));
        PlacementTable table = PlacementTable.of(object(), 1000, members, COPIES);
        for (int block = 0; block < 1000; block++) {
            assertNotEquals(table.holder(block, 0), table.holder(block, 1));
            assertNotEquals(table.holder(block, 1), table.holder(block, 2));
            assertNotEquals(table.holder(block, 0), table.holder(block, 2));
            assertEquals(1, table.rank(block, table.holder(block, 1)));
        }
    }

    @Test
    void whereFewerLendThanThereAreToBeCopiesSomeRanksAreNobodys() {
        PlacementTable table = PlacementTable.of(object(), 10, new Members(1, equal(2)), COPIES);
        assertEquals(PlacementTable.NOBODY, table.holder(0, 2));
        assertEquals(
                PlacementTable.NOBODY,
                PlacementTable.of(object(), 1, new Members(1, List.of()), 1).owner(0));
    }

    @Test
    void fewBlocksMoveWhenAWorkerJoinsOrLeaves() {
        for (int count : new int[] {4, 8, 32, 128}) {
            int blocks = 100 * count;
            List<Member> all = equal(count + 1);
            ObjectId object = object();
            Members with = new Members(2, all);
            all.remove(random.nextInt(all.size()));
            Members without = new Members(1, all);
            int moved = moved(object, blocks, without, with);
            int least = blocks / (count + 1);
            // Measured over the least that must move: 1.1 of 4 workers, 1.2 of 8, 1.4 of 32, 3.0 of 128, 4.3 of 1,000.
            assertTrue(moved <= 4 * least, told(moved + " of " + blocks + " blocks moved, least " + least));
            assertTrue(moved >= least / 2, told(moved + " of " + blocks + " blocks moved, least " + least));
        }
    }

    @Test
    void fewBlocksMoveWhereWorkersOwnOneOrTwoEach() {
        List<Member> all = equal(1000);
        ObjectId object = object();
        Members with = new Members(2, all);
        all.remove(random.nextInt(all.size()));
        int moved = moved(object, 1920, new Members(1, all), with);
        assertTrue(moved <= 40, told(moved + " of 1920 blocks moved"));
    }

    @Test
    void turnsGiveEveryOwnerItsFirstBlockBeforeAnybodysSecond() {
        Members members = new Members(1, equal(7));
        PlacementTable table = PlacementTable.of(object(), 70, members, 1);
        int[] owned = new int[7];
        for (int turn = 0; turn < 70; turn++) {
            assertEquals(turn / 7, owned[table.owner(table.blockAt(turn))]++, told("turn " + turn));
        }
    }

    @Test
    void aListThatNamesAWorkerTwiceIsRefused() {
        List<Member> twice = List.of(new Member("a", 1, Location.UNKNOWN), new Member("a", 2, Location.UNKNOWN));
        assertThrows(HearthException.class, () -> new Members(1, twice));
    }

    private int moved(ObjectId object, int blocks, Members one, Members other) {
        PlacementTable before = PlacementTable.of(object, blocks, one, 1);
        PlacementTable after = PlacementTable.of(object, blocks, other, 1);
        return (int) IntStream.range(0, blocks)
                .filter(block ->
                        !one.all().get(before.owner(block)).equals(other.all().get(after.owner(block))))
                .count();
    }

    private static int[] owned(PlacementTable table, Members members) {
        int[] owned = new int[members.size()];
        IntStream.range(0, table.blocks()).forEach(block -> owned[table.owner(block)]++);
        return owned;
    }

    private static int[] holders(PlacementTable table) {
        return IntStream.range(0, table.blocks() * COPIES)
                .map(i -> table.holder(i / COPIES, i % COPIES))
                .toArray();
    }

    private List<Member> equal(int count) {
        List<Member> members = new ArrayList<>();
        IntStream.range(0, count).forEach(i -> members.add(new Member("worker-" + i, 1L << 30, Location.UNKNOWN)));
        return members;
    }

    private List<Member> weighted(int count) {
        List<Member> members = new ArrayList<>();
        IntStream.range(0, count)
                .forEach(
                        i -> members.add(new Member("worker-" + i, (1L + random.nextInt(64)) << 30, Location.UNKNOWN)));
        return members;
    }

    private ObjectId object() {
        byte[] id = new byte[ObjectId.BYTES];
        random.nextBytes(id);
        return ObjectId.of(id);
    }

    private String told(String what) {
        return what + "; seed " + seed;
    }
}
