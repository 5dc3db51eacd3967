package io.hearth.worker.tier;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Files of slower tiers that were read lately, up to a bound; more are forgotten. Thread-safe; nothing waits. */
final class Promotions {
    private final int filesMax;
    private final Set<ObjectFile> files = ConcurrentHashMap.newKeySet();

    Promotions(int filesMax) {
        this.filesMax = filesMax;
    }

    void offer(ObjectFile file) {
        if (files.size() < filesMax) {
            files.add(file);
        }
    }

    void remove(ObjectFile file) {
        files.remove(file);
    }

    List<ObjectFile> files() {
        return List.copyOf(files);
    }
}
