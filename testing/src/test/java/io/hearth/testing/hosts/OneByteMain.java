package io.hearth.testing.hosts;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** {@code serve ADDRESS} gives a byte to each who connects; {@code ask ADDRESS PORT} ends well if one comes. */
final class OneByteMain {
    private static final int WAIT_MS = 5_000;

    private OneByteMain() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("serve")) {
            try (ServerSocket server = new ServerSocket()) {
                server.bind(new InetSocketAddress(arguments[1], 0));
                System.out.println(server.getLocalPort());
                while (true) {
                    try (Socket socket = server.accept()) {
                        socket.getOutputStream().write(1);
                    }
                }
            }
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2])), WAIT_MS);
            socket.setSoTimeout(WAIT_MS);
            System.exit(socket.getInputStream().read() == 1 ? 0 : 1);
        } catch (IOException e) {
            System.exit(2);
        }
    }
}
