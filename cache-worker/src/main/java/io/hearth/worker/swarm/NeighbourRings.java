package io.hearth.worker.swarm;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.Placement;
import io.hearth.protocol.placement.Location;
import io.hearth.protocol.placement.Location.Distance;
import io.hearth.protocol.placement.Members;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Who talks to whom about an object: everybody stands on a few rings, in an order of its own on each, and talks to the
 * two beside it. Who knows the members knows the rings, so nobody need be asked, both ends agree, and who joins or
 * leaves changes only the places beside it. A union of random rings is an expander with high probability (Friedman,
 * 2008): a chunk reaches 1,000 nodes of 16 neighbours in three to four steps. A quarter of the rings go through all
 * zones, the others stay within one.
 */
public final class NeighbourRings {
    private static final int FAR_PART = 4;

    private final Members members;
    private final long seed;
    private final int rings;

    /** @param members those that have, or want, the object */
    public NeighbourRings(Members members, ObjectId object, SwarmSettings settings) {
        this.members = members;
        this.seed = Placement.mix(object.prefix());
        this.rings = settings.neighbours() / 2;
    }

    /** The neighbours of the member at place {@code self}, as places in {@link Members}; {@code O(rings * members)}. */
    public Set<Integer> of(int self) {
        Set<Integer> neighbours = new LinkedHashSet<>();
        if (members.size() <= 2 * rings + 1) {
            for (int i = 0; i < members.size(); i++) {
                neighbours.add(i);
            }
        } else {
            for (int ring = 0; ring < rings; ring++) {
                addBeside(self, ring, neighbours);
            }
        }
        neighbours.remove(self);
        return neighbours;
    }

    private void addBeside(int self, int ring, Set<Integer> neighbours) {
        Location here = members.all().get(self).location();
        boolean far = ring % FAR_PART == 0;
        long own = position(self, ring);
        int after = self;
        int before = self;
        for (int i = 0; i < members.size(); i++) {
            boolean on = far || here.to(members.all().get(i).location()) != Distance.OTHER_ZONE;
            if (on && i != self) {
                long steps = position(i, ring) - own;
                after = after == self || less(steps, position(after, ring) - own) ? i : after;
                before = before == self || less(position(before, ring) - own, steps) ? i : before;
            }
        }
        neighbours.add(after);
        neighbours.add(before);
    }

    private static boolean less(long one, long other) {
        return Long.compareUnsigned(one, other) < 0;
    }

    private long position(int member, int ring) {
        return Placement.mix(
                seed + ring ^ Placement.identity(members.all().get(member).id()));
    }
}
