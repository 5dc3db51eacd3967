/**
 * The kernel's FUSE device, by plain calls of the C library that give plain errnos.
 *
 * <p>{@link io.hearth.fuse.kernel.device.DeviceMounts} gives an {@link io.hearth.fuse.kernel.device.FuseDevice}: by
 * {@code mount(2)}, by {@code fusermount} where that is not allowed, or from a descriptor that somebody else mounted
 * with.
 */
package io.hearth.fuse.kernel.device;
