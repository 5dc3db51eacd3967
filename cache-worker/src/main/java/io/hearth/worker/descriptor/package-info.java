/**
 * Handing a tier's files to readers on the same node, as read-only descriptors over a Unix socket.
 *
 * <p>Start with {@link io.hearth.worker.descriptor.DescriptorSocket} (the listener) and
 * {@link io.hearth.worker.descriptor.DescriptorConnection} (one conversation). Which file may go out, and how much, is
 * {@code integrity.DescriptorGrants}' to say; {@link io.hearth.worker.descriptor.OpenGrants} knows those that are out,
 * and the data plane asks it when it tells a holder which ranges may be read.
 * {@code docs/decisions/0014-descriptors.md} says why so.
 */
package io.hearth.worker.descriptor;
