package io.hearth.testing.trace;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;

/** What a replay asks of an eviction policy. */
public interface ReplayPolicy {
    void added(ObjectRef object, ObjectId id, long bytes);

    /** A request of a read of the object began at that byte. */
    void used(ObjectId id, long position);

    void removed(ObjectId id);

    /** Who leaves next; asked only while something is in the cache. */
    ObjectId victim();
}
