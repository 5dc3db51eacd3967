/**
 * What benches do with the machine: {@link io.hearth.bench.process.OwnProcess} is a child that ends within a bound,
 * {@link io.hearth.bench.process.Owned} ends them all, {@link io.hearth.bench.process.PageCache} drops the kernel's
 * pages.
 */
package io.hearth.bench.process;
