/**
 * One mount's conversation with the kernel: who serves it, what the kernel remembers, what it is told.
 *
 * <p>{@link io.hearth.fuse.kernel.session.KernelSession} owns the rest. Each serving thread has a {@code Channel} (a
 * descriptor and buffers of its own) and a {@code Dispatcher}; {@code NodeTable} holds what the kernel remembers.
 */
package io.hearth.fuse.kernel.session;
