package io.hearth.worker.integrity;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * For each origin, the dataset by whose ticket bytes were last asked for: a file on disk knows its origin, but not
 * whose ticket opens it. In memory only, bounded. Thread-safe.
 */
final class OriginDatasets {
    /** Origins of a worker are few: one for each bucket and credential scope. */
    private static final int ORIGINS_MAX = 1024;

    private final Map<String, DatasetName> datasets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, DatasetName> eldest) {
            return size() > ORIGINS_MAX;
        }
    };

    synchronized void note(RequestContext context, ObjectRef object) {
        datasets.put(object.origin(), context.dataset());
    }

    /** How to ask for the object on the worker's own behalf; empty if nobody asked its origin in this life. */
    synchronized Optional<RequestContext> context(ObjectRef object) {
        return Optional.ofNullable(datasets.get(object.origin())).map(dataset -> new RequestContext("", dataset, 0));
    }
}
