package io.hearth.objectstore.net;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * How this machine's sockets are waited for: epoll where its native library is to be had, Java's selectors else.
 *
 * @param sockets for TCP
 * @param servers that take connections of TCP
 * @param datagrams for UDP
 */
public record SocketTransport(
        IoHandlerFactory handlers,
        Class<? extends Channel> sockets,
        Class<? extends ServerChannel> servers,
        Class<? extends DatagramChannel> datagrams) {
    public static SocketTransport best() {
        return Epoll.isAvailable()
                ? new SocketTransport(
                        EpollIoHandler.newFactory(),
                        EpollSocketChannel.class,
                        EpollServerSocketChannel.class,
                        EpollDatagramChannel.class)
                : new SocketTransport(
                        NioIoHandler.newFactory(),
                        NioSocketChannel.class,
                        NioServerSocketChannel.class,
                        NioDatagramChannel.class);
    }

    /** Event loops on daemon threads of this name; the caller ends them. */
    public EventLoopGroup loops(int threads, String name) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers);
    }
}
