package io.hearth.protocol.api;

/**
 * Answer to a registration and to a heartbeat.
 *
 * @param heartbeatMs how often to come again
 * @param expiryMs after how long without a heartbeat the worker counts as lost
 * @param wantSnapshot whether the next residency report must be a snapshot
 */
public record WorkerLease(long heartbeatMs, long expiryMs, boolean wantSnapshot) {}
