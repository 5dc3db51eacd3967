/**
 * The origin engine: how many ranges to read at once, how long each, whose is next, and what to do about a slow or
 * failed one.
 *
 * <p>{@link io.hearth.objectstore.engine.RangeFetch} is the face. A range comes by an {@code OriginLane} to the
 * {@code OriginGate} of its origin and waits for a {@code Permit} there; {@code Pieces} cut it when its turn comes, a
 * {@code RangeRead} brings each piece by one {@code RangeAttempt} after another. What is decided on figures alone
 * ({@code ConcurrencyControl}, {@code RangePace}, {@code StarvedRanges}, {@code Breaker}) knows no clock and no thread.
 * It knows nothing of S3.
 */
package io.hearth.objectstore.engine;
