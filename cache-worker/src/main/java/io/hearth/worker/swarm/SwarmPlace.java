package io.hearth.worker.swarm;

import io.hearth.protocol.placement.PlacementTable;
import java.util.function.IntPredicate;

/**
 * A node's place in a swarm.
 *
 * @param self its place among the members
 * @param owners who owns which block
 * @param late whether others fill already by an older list of members: what this node would own is theirs, and it takes
 *     of that only what does not come
 * @param gate whether this node is the one of its zone that brings a block in from others; always, if there is one zone
 */
public record SwarmPlace(int self, PlacementTable owners, boolean late, IntPredicate gate) {}
