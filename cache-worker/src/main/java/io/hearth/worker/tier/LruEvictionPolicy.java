package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Predicate;

/** The least recently used object leaves first. */
public final class LruEvictionPolicy implements EvictionPolicy {
    private final LinkedHashMap<ObjectId, Long> byUse = new LinkedHashMap<>(16, 0.75f, true);

    @Override
    public synchronized void added(ObjectId object, long bytes) {
        byUse.put(object, bytes);
    }

    @Override
    public synchronized void used(ObjectId object) {
        byUse.get(object);
    }

    @Override
    public synchronized void removed(ObjectId object) {
        byUse.remove(object);
    }

    @Override
    public synchronized Optional<ObjectId> victim(Predicate<ObjectId> evictable) {
        return byUse.keySet().stream().filter(evictable).findFirst();
    }
}
