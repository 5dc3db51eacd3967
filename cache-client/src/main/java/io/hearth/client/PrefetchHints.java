package io.hearth.client;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;

/** Tells whoever caches that bytes will be wanted soon. Thread-safe; never blocks, never fails. */
@FunctionalInterface
public interface PrefetchHints {
    /** Nobody to tell. */
    PrefetchHints NONE = new PrefetchHints() {
        @Override
        public void prefetch(RequestContext context, ObjectRef object, long offset, long length) {}

        @Override
        public boolean listening() {
            return false;
        }
    };

    /** Says that these bytes, within the object, will be wanted soon. */
    void prefetch(RequestContext context, ObjectRef object, long offset, long length);

    /** Says that these blocks, within the object, will be wanted soon, in this order. */
    default void prefetch(RequestContext context, ObjectRef object, BlockOrder order) {
        for (BlockOrder.Run run : order.runs()) {
            long offset = Geometry.blockOffset(run.first());
            long end = Math.min(object.sizeBytes(), Geometry.blockOffset(run.end()));
            prefetch(context, object, offset, end - offset);
        }
    }

    /** Whether anyone listens now. Where nobody does, a reader has only its own read-ahead. */
    default boolean listening() {
        return true;
    }
}
