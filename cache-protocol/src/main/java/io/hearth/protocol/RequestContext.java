package io.hearth.protocol;

import java.util.Objects;

/**
 * Who asks, for which dataset, under which trace. Travels with every data-plane request.
 *
 * @param principal the caller's name; empty until security comes
 * @param dataset the dataset whose ticket gives access to the origin
 * @param traceId 0 where nobody traces
 */
public record RequestContext(String principal, DatasetName dataset, long traceId) {
    public RequestContext {
        Objects.requireNonNull(principal, "principal is null");
        Objects.requireNonNull(dataset, "dataset is null");
    }
}
