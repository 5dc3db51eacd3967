/**
 * One attempt at a load: a {@link io.hearth.prefetch.round.LoadPlan} says which worker is to hold which blocks, a
 * {@link io.hearth.prefetch.round.Round} brings every worker's {@link io.hearth.prefetch.round.Share} through its
 * stages and reads every index at last, and {@link io.hearth.prefetch.round.LoadCounts} knows how far that is. All of
 * it is one thread's.
 */
package io.hearth.prefetch.round;
