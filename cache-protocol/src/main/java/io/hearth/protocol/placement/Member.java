package io.hearth.protocol.placement;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.Objects;

/**
 * A worker that may own blocks.
 *
 * @param id the worker's, which outlives its restarts
 * @param lentBytes what it lends to the dataset, 0 and more: its weight. Of nothing lent, nothing is owned
 */
public record Member(String id, long lentBytes, Location location) {
    /** @throws HearthException {@link FailureKind#INVALID} for a weight below 0 */
    public Member {
        Objects.requireNonNull(id, "id is null");
        Objects.requireNonNull(location, "location is null");
        if (lentBytes < 0) {
            throw new HearthException(FailureKind.INVALID, "worker " + id + " lends " + lentBytes + " bytes");
        }
    }
}
