package io.hearth.objectstore.engine;

import io.hearth.protocol.HearthException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Who waits for a request's turn. The best is looked for when one is free: urgency may have changed while they waited,
 * and a few hundred looks a second over a few hundred entries cost less than keeping an order. Not thread-safe.
 */
final class OriginQueue {
    private final List<Entry> entries = new ArrayList<>();

    /** Waits for its turn. */
    interface Waiter {
        /** Has its turn, and must use or release the permit. Gives whether it wants another, in the same place. */
        boolean granted(Permit permit);

        /** What it has not asked for yet. */
        long leftBytes();

        /** Does not get one. */
        void refused(HearthException why);
    }

    record Entry(OriginLane lane, Waiter waiter, long sinceNs) {}

    void add(Entry entry) {
        entries.add(entry);
    }

    boolean remove(Entry entry) {
        return entries.remove(entry);
    }

    long leftBytes() {
        return entries.stream().mapToLong(entry -> entry.waiter().leftBytes()).sum();
    }

    int size() {
        return entries.size();
    }

    Optional<Entry> best(Predicate<Entry> eligible) {
        Entry best = null;
        for (Entry entry : entries) {
            if ((best == null || entry.lane().before(best.lane())) && eligible.test(entry)) {
                best = entry;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Takes out those that the condition holds for. */
    List<Entry> remove(Predicate<Entry> condition) {
        List<Entry> removed = entries.stream().filter(condition).toList();
        entries.removeAll(removed);
        return removed;
    }
}
