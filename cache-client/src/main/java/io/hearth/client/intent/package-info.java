/**
 * Fills models before they are read: who reads the header of a file of weights will want the rest of it, in an order of
 * its own.
 *
 * <p>{@link io.hearth.client.intent.ModelFills} is the face. It looks at the first bytes of {@code .safetensors} and
 * {@code .gguf} files ({@code SafetensorsHeader}, {@code GgufHeader}), tells the workers of the whole file, then of the
 * shards that the {@code ShardIndex} beside it names. {@code OrderRecord} notes in which order blocks are first
 * touched, the masters keep that ({@link io.hearth.client.intent.ReadingOrders}), and {@code Replays} has the next cold
 * fill go that way. Nothing that a file holds changes more than what is fetched early.
 */
package io.hearth.client.intent;
