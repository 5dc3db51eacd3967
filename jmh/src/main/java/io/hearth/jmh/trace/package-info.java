/**
 * The trace runner: {@link io.hearth.jmh.trace.TraceTable} plays the generated traces over the worker's eviction
 * policies and prints their hit ratios beside the offline bound. Run by {@code bin/jmh traces}.
 */
package io.hearth.jmh.trace;
