/**
 * What every user of sockets in a process shares: {@link io.hearth.objectstore.net.SocketTransport} says how they are
 * waited for. The origin's client, the masters' client and both ends of the data plane ask it.
 */
package io.hearth.objectstore.net;
