package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Predicate;

/** The least recently used object leaves first. A victim costs a look at each older object that may not leave. */
public final class LruEvictionPolicy implements EvictionPolicy {
    private final LinkedHashMap<ObjectId, Long> byUse = new LinkedHashMap<>(16, 0.75f, true);

    @Override
    public synchronized void added(ObjectRef object, ObjectId id, long chargeBytes) {
        byUse.put(id, chargeBytes);
    }

    @Override
    public synchronized void used(ObjectId id, long position) {
        byUse.get(id);
    }

    @Override
    public synchronized void removed(ObjectId id) {
        byUse.remove(id);
    }

    @Override
    public void released(ObjectId id) {
        // Victims are looked for anew each time.
    }

    @Override
    public synchronized Optional<ObjectId> victim(Predicate<ObjectId> evictable) {
        return byUse.keySet().stream().filter(evictable).findFirst();
    }
}
