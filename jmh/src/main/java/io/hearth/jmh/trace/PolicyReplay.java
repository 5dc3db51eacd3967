package io.hearth.jmh.trace;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.testing.trace.ReplayPolicy;
import io.hearth.worker.tier.EvictionPolicy;

/** A worker's eviction policy, for a replay: everybody may always leave. */
record PolicyReplay(EvictionPolicy policy) implements ReplayPolicy {
    @Override
    public void added(ObjectRef object, ObjectId id, long bytes) {
        policy.added(object, id, bytes);
    }

    @Override
    public void used(ObjectId id, long position) {
        policy.used(id, position);
    }

    @Override
    public void removed(ObjectId id) {
        policy.removed(id);
    }

    @Override
    public ObjectId victim() {
        return policy.victim(id -> true).orElseThrow();
    }
}
