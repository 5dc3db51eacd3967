/**
 * Frames of the data plane and the binary records of files and reports, with their bounds.
 *
 * <p>Start with {@link io.hearth.protocol.wire.Message} (what is said) and
 * {@link io.hearth.protocol.wire.MessageCodec} (how it stands in bytes). Nothing here allocates more than a frame's
 * bound, whatever the bytes say; a frame that breaks a rule is a {@code HearthException}, never another exception.
 */
package io.hearth.protocol.wire;
