package io.hearth.worker.lend;

import java.util.Optional;

/** Something that tells that the node's own work is under way. One thread's. */
public interface BusySignal {
    /** Looks once, quickly; gives the figure if the node is busy. */
    Optional<String> busy(long nowMs);
}
