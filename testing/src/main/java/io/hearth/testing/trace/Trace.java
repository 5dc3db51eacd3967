package io.hearth.testing.trace;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Who reads what, in order.
 *
 * @param accesses indexes into {@code objects}; each access reads a whole object. Not to be changed
 */
public record Trace(String name, List<TraceObject> objects, int[] accesses) {
    /** Bytes of all objects that are read at least once. */
    public long footprintBytes() {
        return IntStream.of(accesses)
                .distinct()
                .mapToLong(index -> objects.get(index).sizeBytes())
                .sum();
    }
}
