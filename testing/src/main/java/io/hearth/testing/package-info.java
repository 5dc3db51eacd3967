/**
 * Fakes and contracts for tests; on the class path of tests and benches only.
 *
 * <p>{@link io.hearth.testing.MemoryObjectStore} stands in for an origin, {@link io.hearth.testing.FaultyObjectStore}
 * makes any store fail as planned, {@link io.hearth.testing.CountingObjectStore} counts what a store is asked, and
 * {@link io.hearth.testing.ObjectStoreContract} is what every store is held to.
 */
package io.hearth.testing;
