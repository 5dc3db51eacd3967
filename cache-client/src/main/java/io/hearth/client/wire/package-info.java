/**
 * The data plane's frames on a Netty pipeline, for both ends: the worker serves with them, {@code WorkerSource} reads.
 *
 * <p>{@link io.hearth.client.wire.MessageDecoder} turns bytes into {@link io.hearth.protocol.wire.Message} and
 * {@link io.hearth.client.wire.DataFrame}, {@link io.hearth.client.wire.MessageEncoder} the reverse. Both are stateless
 * about the conversation: who may say what, and when, is the handlers' own.
 */
package io.hearth.client.wire;
