package io.hearth.client.read;

import io.hearth.client.ClientMetrics;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Direct buffers of one chunk each, made when first needed and used again; never more than the bound. Not thread-safe.
 */
final class ChunkPool {
    private final int buffersMax;
    private final ClientMetrics metrics;
    private final Deque<ByteBuffer> idle = new ArrayDeque<>();
    private int made;

    ChunkPool(int buffersMax, ClientMetrics metrics) {
        this.buffersMax = buffersMax;
        this.metrics = metrics;
    }

    int buffersMax() {
        return buffersMax;
    }

    /** Buffers that are out. */
    int taken() {
        return made - idle.size();
    }

    /** A buffer, or none if all are out. */
    Optional<ByteBuffer> take() {
        if (idle.isEmpty() && made < buffersMax) {
            make();
        }
        return Optional.ofNullable(idle.poll());
    }

    /** Makes no buffer where the JVM has no room for it, and one that is given back must do. */
    private void make() {
        try {
            idle.push(ByteBuffer.allocateDirect(Geometry.CHUNK_BYTES));
            made++;
            metrics.memory(Geometry.CHUNK_BYTES);
        } catch (OutOfMemoryError e) {
            if (made == 0) {
                throw new HearthException(
                        FailureKind.OVERLOADED, "no memory for reads: raise -XX:MaxDirectMemorySize", e);
            }
        }
    }

    void giveBack(ByteBuffer buffer) {
        idle.push(buffer);
    }

    /** Lets go of the idle buffers. */
    void clear() {
        metrics.memory(-(long) idle.size() * Geometry.CHUNK_BYTES);
        made -= idle.size();
        idle.clear();
    }
}
