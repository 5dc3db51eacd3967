package io.hearth.protocol.api;

/** A worker as the master sees it; {@code state} is {@code Ready} or {@code Lost}. */
public record WorkerStatus(
        WorkerRegistration worker, String state, long objects, long cachedBytes, String lastSeenAt) {}
