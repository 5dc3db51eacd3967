package io.hearth.fuse.plan;

import io.hearth.fuse.plan.Call.Verb;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What plans did, so that plans that do nothing are seen. Thread-safe. */
final class Tally {
    final LongAdder plans = new LongAdder();
    final LongAdder refreshes = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder remembered = new LongAdder();
    final LongAdder oldHandles = new LongAdder();
    private final Map<Verb, LongAdder> calls = new EnumMap<>(Verb.class);

    Tally() {
        for (Verb verb : Verb.values()) {
            calls.put(verb, new LongAdder());
        }
    }

    void called(Verb verb) {
        calls.get(verb).increment();
    }

    boolean didEnough() {
        long least = plans.sum() / 10;
        return calls.values().stream().allMatch(count -> count.sum() >= least)
                && refreshes.sum() >= 3 * least
                && oldHandles.sum() >= 3 * least;
    }

    @Override
    public String toString() {
        return plans + " plans, " + refreshes + " refreshes, "
                + calls.values().stream().mapToLong(LongAdder::sum).sum()
                + " calls " + calls + ", " + bytes + " bytes compared, " + oldHandles
                + " calls on handles of objects that were replaced, " + remembered + " answers as before a refresh";
    }
}
