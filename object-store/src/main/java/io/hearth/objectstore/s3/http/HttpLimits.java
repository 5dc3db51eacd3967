package io.hearth.objectstore.s3.http;

import java.time.Duration;

/**
 * Bounds of an {@link NettyHttpClient}.
 *
 * @param connectionsMax open at once, to all hosts together
 * @param readBytes that one read of a connection may bring; no more of a body is in memory than its subscriber has
 *     asked for, and one read beyond that where the server has closed
 * @param loops event loops
 * @param connectTimeout of TCP, and again of TLS
 * @param connectionWait longest wait for one of the connections
 * @param idleMax after which a connection that nobody uses is closed
 */
public record HttpLimits(
        int connectionsMax,
        int readBytes,
        int loops,
        Duration connectTimeout,
        Duration connectionWait,
        Duration idleMax) {}
