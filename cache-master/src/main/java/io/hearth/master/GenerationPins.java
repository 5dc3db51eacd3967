package io.hearth.master;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Generations that somebody in this process works on, counted. Thread-safe. */
final class GenerationPins {
    private record Key(String uid, String generation) {}

    private final Map<Key, Integer> counts = new HashMap<>();

    synchronized void pin(String uid, String generation) {
        counts.merge(new Key(uid, generation), 1, Integer::sum);
    }

    synchronized void unpin(String uid, String generation) {
        counts.computeIfPresent(new Key(uid, generation), (key, count) -> count == 1 ? null : count - 1);
    }

    synchronized Set<String> of(String uid) {
        Set<String> pinned = new HashSet<>();
        counts.keySet().stream().filter(key -> key.uid().equals(uid)).forEach(key -> pinned.add(key.generation()));
        return pinned;
    }
}
