package io.hearth.testing.trace;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;

/** One object of a trace. */
public record TraceObject(ObjectRef object, ObjectId id) {
    static TraceObject of(String key, long sizeBytes) {
        ObjectRef object = new ObjectRef("trace", key, new Validator.LastModified(1), sizeBytes);
        return new TraceObject(object, object.id());
    }

    public long sizeBytes() {
        return object.sizeBytes();
    }
}
