package io.hearth.protocol.api;

/**
 * Body of a session's renewal. The answer, a {@link Session}, comes at once if there is a newer generation, else after
 * {@code waitMs} at the latest.
 *
 * @param generation the generation that the mount has
 * @param waitMs 0 to 30,000
 */
public record Renewal(String generation, long waitMs) {}
