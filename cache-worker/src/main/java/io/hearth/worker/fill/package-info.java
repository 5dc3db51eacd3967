/**
 * Bringing missing chunks into a tier: single flight, slots, memory, disk threads.
 *
 * <p>Start with {@link io.hearth.worker.fill.Fills}: "make this chunk of this held file ready". The data plane calls it
 * from its event loops, so nothing here blocks its caller; disk work goes to {@link io.hearth.worker.fill.DiskThreads}.
 */
package io.hearth.worker.fill;
