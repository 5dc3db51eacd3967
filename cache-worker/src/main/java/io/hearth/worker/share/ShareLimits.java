package io.hearth.worker.share;

import java.time.Duration;

/**
 * Bounds of all shares together. Of the worker, not of each share, because what they take is the worker's: with a bound
 * for each, 1024 shares would want 24,576 blocks at once of 24 background slots.
 *
 * @param sharesMax shares kept
 * @param itemsMax items of all shares
 * @param expiry how long a share lives that nobody asks about
 * @param blocksMax blocks being filled
 * @param readsMax chunks being read back; each takes a disk thread, which readers wait for too
 */
public record ShareLimits(int sharesMax, int itemsMax, Duration expiry, int blocksMax, int readsMax) {}
