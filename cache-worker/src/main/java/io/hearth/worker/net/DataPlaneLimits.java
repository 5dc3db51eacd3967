package io.hearth.worker.net;

import java.time.Duration;

/**
 * Bounds of the data plane.
 *
 * @param connectionsMax connections at once; one more is refused in words
 * @param requestsMax reads at once on one connection; one more fails with {@code overloaded}
 * @param queuedBytesMax bytes waiting in one connection's send queue, at which its reads pause
 * @param idleTimeout after how long without a byte either way a connection is closed, unless it waits for a fill
 * @param ioThreads event loop threads
 */
public record DataPlaneLimits(
        int connectionsMax, int requestsMax, int queuedBytesMax, Duration idleTimeout, int ioThreads) {}
