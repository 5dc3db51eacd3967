package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The least recently used object leaves first. A victim costs a look at each older object that may not leave. */
public final class LruEvictionPolicy implements EvictionPolicy {
    private final LinkedHashMap<ObjectId, Long> byUse = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<ObjectId, Reads> reads = new HashMap<>();

    /** A read that begins where the first one began is another one. */
    private static final class Reads {
        private long anchor = -1;
        private boolean again;

        void add(long position) {
            if (position != WHOLE && anchor < 0) {
                anchor = position;
            } else {
                again |= position == WHOLE || position == anchor;
            }
        }
    }

    @Override
    public synchronized void added(ObjectRef object, ObjectId id, long chargeBytes) {
        byUse.put(id, chargeBytes);
        reads.put(id, new Reads());
    }

    @Override
    public void resized(ObjectId id, long chargeBytes) {
        // Sizes decide nothing here.
    }

    @Override
    public synchronized void used(ObjectId id, long position) {
        if (byUse.get(id) != null) {
            reads.get(id).add(position);
        }
    }

    @Override
    public synchronized boolean usedAgain(ObjectId id) {
        return reads.containsKey(id) && reads.get(id).again;
    }

    @Override
    public synchronized void removed(ObjectId id) {
        byUse.remove(id);
        reads.remove(id);
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
