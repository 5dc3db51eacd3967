/**
 * Traces of accesses to whole objects, and what a cache makes of them: {@link io.hearth.testing.trace.Traces}
 * generates, {@link io.hearth.testing.trace.Replay} plays one over a {@link io.hearth.testing.trace.ReplayPolicy},
 * {@link io.hearth.testing.trace.OfflineBound} knows the future. No I/O; everything follows from the seed. Called by
 * the worker's tests and by the trace runner of {@code jmh}.
 */
package io.hearth.testing.trace;
