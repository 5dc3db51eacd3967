/**
 * Cold files that are mapped, not read: what a loader that goes through its tensors in its own order has to wait for.
 */
package io.hearth.bench.lazy;
