package io.hearth.client.worker;

import io.hearth.protocol.HearthException;
import java.util.concurrent.CompletableFuture;

/** A request on a connection that is not answered to its end. Lives on the connection's event loop. */
interface PendingRead {
    CompletableFuture<Void> result();

    /** Whether everything has come, if not been handed on. */
    boolean received();

    /** Something came, or could have. */
    void progress();

    /** When something came last, or could have. */
    long progressNs();

    void fail(HearthException failure);

    /** Frees what waits to be handed on. */
    void drop();
}
