package io.hearth.client;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;

/** Tells whoever caches that bytes will be wanted soon. Thread-safe; never blocks, never fails. */
@FunctionalInterface
public interface PrefetchHints {
    /** Nobody to tell. */
    PrefetchHints NONE = (context, object, offset, length) -> {};

    /** Says that these bytes, within the object, will be wanted soon. */
    void prefetch(RequestContext context, ObjectRef object, long offset, long length);
}
