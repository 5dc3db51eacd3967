/**
 * Generations: immutable, content-addressed listings of a dataset.
 *
 * <p>A {@link io.hearth.protocol.generation.Generation} names its {@link io.hearth.protocol.generation.Segment}s by
 * digest, so that a refresh writes and a mount fetches only those that changed. The master builds them with
 * {@link io.hearth.protocol.generation.GenerationBuilder}; mounts read them.
 */
package io.hearth.protocol.generation;
