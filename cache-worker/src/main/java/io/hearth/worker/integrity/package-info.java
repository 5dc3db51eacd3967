/**
 * Keeps what is resident right: {@link io.hearth.worker.integrity.Scrubber} reads it again and again,
 * {@link io.hearth.worker.integrity.WholeObjects} compares objects that became whole with what their origin says of
 * them, {@code EarlierFiles} verifies what an earlier life left once the kernel is to read it. All work on threads of
 * their own, at a bounded rate, over the worker's tiers and fills; the worker starts and closes them.
 */
package io.hearth.worker.integrity;
