/**
 * The messages of the kernel's FUSE protocol (7.23 to 7.45), as {@code <linux/fuse.h>} lays them out: little or big
 * endian, whichever the machine is. Plain Java over buffers; no I/O, no threads.
 *
 * <p>{@link io.hearth.fuse.kernel.wire.RequestDecoder} reads what the kernel asks,
 * {@link io.hearth.fuse.kernel.wire.Reply} writes what it is told, {@link io.hearth.fuse.kernel.wire.Notice} what it is
 * told unasked.
 */
package io.hearth.fuse.kernel.wire;
