/**
 * The worker: lends tiers, fills them from the origin, serves readers, and tells a master what it holds.
 *
 * <p>Start with {@link io.hearth.worker.Worker}, which puts the packages below it together. It needs a master to be
 * found, none to serve.
 */
package io.hearth.worker;
