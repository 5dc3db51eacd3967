package io.hearth.protocol.api;

import java.util.List;

/** Answer of a list of workers, by id. */
public record WorkerList(List<WorkerStatus> workers) {}
