/**
 * The transport that speaks the kernel's protocol itself, on {@code /dev/fuse}, without libfuse: requests of 1 MiB,
 * listings with attributes, names that change at once, and a node for each version of a file.
 *
 * <p>Start with {@link io.hearth.fuse.kernel.KernelTransport}. {@code wire} has the messages, {@code device} the
 * descriptor and how to come by it, {@code session} the conversation.
 */
package io.hearth.fuse.kernel;
