/**
 * The data plane: a Netty server that answers reads from tiers and fills.
 *
 * <p>Start with {@link io.hearth.worker.net.DataPlaneServer} (the listener), {@link io.hearth.worker.net.Connection}
 * (one conversation) and {@link io.hearth.worker.net.ChunkSender} (how a ready chunk gets onto the wire). Everything
 * runs on the connection's event loop and nothing blocks it: opening and verifying go to the disk threads.
 */
package io.hearth.worker.net;
