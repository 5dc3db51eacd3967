/**
 * Shares of loads: what of a load this worker is to hold, brought through stages by a master, one step at a time.
 *
 * <p>Start with {@link io.hearth.worker.share.Shares} (the shares of this life, in memory alone: after a restart a
 * master asks again) and {@link io.hearth.worker.share.Share} (one share's stages and its status, read from the tiers'
 * index). Called by the admin port; fills and reads back through {@code fill} and {@code tier}, and never goes before a
 * reader.
 */
package io.hearth.worker.share;
