package io.hearth.worker.swarm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.placement.Location;
import io.hearth.protocol.placement.Member;
import io.hearth.protocol.placement.Members;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeighbourRingsTest {
    private static final int NODES = 200;

    private final List<Member> all = IntStream.range(0, NODES)
            .mapToObj(i -> new Member("worker-" + i, 1, new Location("zone-" + i % 4, "")))
            .toList();
    private final Members members = new Members(1, all);
    private final NeighbourRings rings =
            new NeighbourRings(members, ObjectId.of(new byte[ObjectId.BYTES]), SwarmSettings.of(Map.of()));

    @Test
    void bothEndsKnowThatTheyAreNeighbours() {
        for (int node = 0; node < NODES; node++) {
            Set<Integer> neighbours = rings.of(node);
            assertFalse(neighbours.contains(node));
            assertTrue(neighbours.size() <= 16 && neighbours.size() >= 10, neighbours::toString);
            for (int neighbour : neighbours) {
                assertTrue(rings.of(neighbour).contains(node), node + " and " + neighbour);
            }
        }
    }

    @Test
    void mostNeighboursAreOfTheSameZone() {
        int far = 0;
        for (int node = 0; node < NODES; node++) {
            Location here = members.all().get(node).location();
            far += (int) rings.of(node).stream()
                    .filter(other -> here.to(members.all().get(other).location()) == Location.Distance.OTHER_ZONE)
                    .count();
        }
        assertTrue(far > NODES && far <= 4 * NODES, far + " far neighbours");
    }

    @Test
    void fewNodesAreAllNeighbours() {
        NeighbourRings few = new NeighbourRings(
                new Members(1, all.subList(0, 9)), ObjectId.of(new byte[ObjectId.BYTES]), SwarmSettings.of(Map.of()));
        assertEquals(8, few.of(3).size());
    }
}
