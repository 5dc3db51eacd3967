package io.hearth.worker.integrity;

import io.hearth.protocol.ObjectId;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Objects whose bytes differed from their origin's checksum: once, and they are fetched again; twice in a row, and they
 * are refused for a while. In memory only, bounded. Thread-safe.
 */
final class Distrusted {
    private static final int OBJECTS_MAX = 1024;

    private final Clock clock;
    private final Duration refusal;
    private final Map<ObjectId, Mismatches> objects = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectId, Mismatches> eldest) {
            return size() > OBJECTS_MAX;
        }
    };

    private record Mismatches(int count, long lastMs) {}

    Distrusted(Clock clock, Duration refusal) {
        this.clock = clock;
        this.refusal = refusal;
    }

    synchronized void matched(ObjectId object) {
        objects.remove(object);
    }

    /** Notes a mismatch; gives whether the object is refused from now on. */
    synchronized boolean mismatched(ObjectId object) {
        Mismatches before = objects.getOrDefault(object, new Mismatches(0, 0));
        objects.put(object, new Mismatches(before.count() + 1, clock.millis()));
        return before.count() > 0;
    }

    /** Whether the object is refused now. The first question after the time is over forgets it. */
    synchronized boolean refused(ObjectId object) {
        Mismatches known = objects.get(object);
        if (known == null || known.count() < 2) {
            return false;
        }
        if (clock.millis() - known.lastMs() < refusal.toMillis()) {
            return true;
        }
        objects.remove(object);
        return false;
    }

    /** Whether nobody is distrusted: the common case, which computes no identity. */
    synchronized boolean none() {
        return objects.isEmpty();
    }
}
