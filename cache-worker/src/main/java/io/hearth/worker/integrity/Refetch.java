package io.hearth.worker.integrity;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.fill.Fills;

/**
 * Fetches again what was dropped, in the queue of prefetches: behind readers, and left to the next reader where that
 * queue is full or nobody's ticket for the origin is known. Thread-safe; nothing blocks.
 */
final class Refetch {
    private final Fills fills;
    private final OriginDatasets datasets;

    Refetch(Fills fills, OriginDatasets datasets) {
        this.fills = fills;
        this.datasets = datasets;
    }

    void range(ObjectRef object, long offset, long length) {
        datasets.context(object)
                .ifPresent(context -> fills.prefetch(context, object, BlockOrder.ofBytes(offset, length)));
    }
}
