package io.hearth.client.http;

import java.util.concurrent.CompletableFuture;

/** One call and its answer, with whichever master is tried. */
interface MasterExchange<T> {
    /** Makes the call of one master. A failure is a {@link CallFailure} or a HearthException. */
    CompletableFuture<T> with(MasterConnections master);

    /** Whether the call may be made again after one that a master may have got. */
    boolean repeatable();
}
