package io.hearth.testing.trace;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectId;
import java.util.HashMap;
import java.util.Map;

/**
 * A cache of whole objects without their bytes: what is missing is added, and room made for it as the policy says. An
 * access makes a request for each chunk of the object, at most {@value #REQUESTS_MAX}, as a reader does. Not
 * thread-safe.
 */
public final class Replay {
    private static final int REQUESTS_MAX = 5;

    private final long capacityBytes;
    private final ReplayPolicy policy;
    private final Map<ObjectId, Long> present = new HashMap<>();
    private final HitRatio.Count count = new HitRatio.Count();
    private long usedBytes;

    private Replay(long capacityBytes, ReplayPolicy policy) {
        this.capacityBytes = capacityBytes;
        this.policy = policy;
    }

    /** Plays a trace over an empty cache. */
    public static HitRatio of(Trace trace, long capacityBytes, ReplayPolicy policy) {
        Replay replay = new Replay(capacityBytes, policy);
        for (int index : trace.accesses()) {
            replay.access(trace.objects().get(index));
        }
        return replay.count.ratio();
    }

    private void access(TraceObject object) {
        boolean hit = present.containsKey(object.id());
        count.add(object.sizeBytes(), hit);
        if (!hit && object.sizeBytes() > capacityBytes) {
            return;
        }
        if (!hit) {
            add(object);
        }
        for (int request = 0; request < REQUESTS_MAX; request++) {
            long position = (long) request * Geometry.CHUNK_BYTES;
            if (request == 0 || position < object.sizeBytes()) {
                policy.used(object.id(), position);
            }
        }
    }

    private void add(TraceObject object) {
        while (usedBytes + object.sizeBytes() > capacityBytes) {
            ObjectId victim = policy.victim();
            usedBytes -= present.remove(victim);
            policy.removed(victim);
        }
        present.put(object.id(), object.sizeBytes());
        usedBytes += object.sizeBytes();
        policy.added(object.object(), object.id(), object.sizeBytes());
    }
}
