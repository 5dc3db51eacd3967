/**
 * Tiers on disk: one sparse file per object, a metadata log beside it, quota and eviction.
 *
 * <p>Start with {@link io.hearth.worker.tier.TierStore} (find or make the file of an object; its parts are
 * {@code TierIndex}, {@code Newcomers}, {@code Moves}, {@code Renewals} and {@code TierRestore}),
 * {@link io.hearth.worker.tier.ObjectFile} (its chunks; its parts are {@code FileChunks}, {@code ChunkStates},
 * {@code ChunkLog} and {@code FileUse}) and {@link io.hearth.worker.tier.EvictionPolicy}. Called by fills and by the
 * data plane; nothing here knows of networks. Layout and crash rules: {@code docs/decisions/0004-object-files.md}.
 */
package io.hearth.worker.tier;
