package io.hearth.protocol.api;

import java.util.List;

/**
 * A mount's hold on a generation. It must be renewed within {@code ttlMs}, or the generation may be collected.
 *
 * @param generation id of the newest generation
 * @param workers the live workers
 */
public record Session(String id, long ttlMs, String generation, List<WorkerAddress> workers) {
    /** Where a worker serves data. */
    public record WorkerAddress(String id, String host, int port) {}
}
