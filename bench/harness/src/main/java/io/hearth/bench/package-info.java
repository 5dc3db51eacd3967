/**
 * Whole systems measured side by side: {@code bench/run NAME}.
 *
 * <p>A {@link io.hearth.bench.Bench} is one measurement; {@link io.hearth.bench.Benches} names them all. It gets a
 * {@link io.hearth.bench.BenchRun}: what was asked for, where progress and figures go, and who ends what it started.
 * Everything measured runs in a process of its own ({@code process}, {@code stage}); nothing here is in the package.
 */
package io.hearth.bench;
