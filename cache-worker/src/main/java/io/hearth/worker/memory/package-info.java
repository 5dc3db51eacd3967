/**
 * The worker's memory outside the tiers: one budget, and the pool of 1 MiB slabs that is made from it.
 *
 * <p>{@link io.hearth.worker.memory.MemoryBudget} says who may have memory now,
 * {@link io.hearth.worker.memory.SlabPool} hands it out. Fills and streams that pass through take slabs; nobody else in
 * the worker makes large buffers.
 */
package io.hearth.worker.memory;
