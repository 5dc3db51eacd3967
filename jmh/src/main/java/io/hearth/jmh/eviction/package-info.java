/** Micro-benchmarks of the eviction policies. Run by {@code bin/jmh bench}. */
package io.hearth.jmh.eviction;
