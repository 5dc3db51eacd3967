package io.hearth.worker.descriptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.worker.WorkerRig;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerProcessTest {
    @TempDir
    Path directory;

    @Test
    void aProcessIsKnownBeyondItsConnectionAndItsEndIsSeenBeforeAnybodyHasReapedIt() throws Exception {
        Path path = directory.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            PeerLife own = accepted(server, path);
            assumeTrue(own.number() != 0, "this kernel does not say who a peer is (Linux 6.5)");
            PeerLife again = accepted(server, path);
            assertFalse(own.over());
            assertEquals(own.number(), again.number());
            Process child = child(path);
            try (SocketChannel socket = server.accept()) {
                PeerLife process = PeerProcess.of(number(socket));
                assertNotEquals(own.number(), process.number());
                assertFalse(process.over());
                child.destroy();
                WorkerRig.await("it is over", process::over);
                process.close();
                process.close();
                assertTrue(process.over());
            } finally {
                child.destroyForcibly();
            }
            own.close();
            again.close();
        }
        assertTrue(PeerProcess.of(0).over(), "no socket");
    }

    private static Process child(Path path) throws IOException {
        try {
            return new ProcessBuilder(
                            "python3",
                            "-c",
                            "import socket, time; s = socket.socket(socket.AF_UNIX); s.connect('" + path
                                    + "'); time.sleep(60)")
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "there is no python3");
            throw e;
        }
    }

    private static PeerLife accepted(ServerSocketChannel server, Path path) throws Exception {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
                SocketChannel socket = server.accept()) {
            assertTrue(client.isConnected());
            return PeerProcess.of(number(socket));
        }
    }

    private static int number(SocketChannel socket) throws ReflectiveOperationException {
        Field field = socket.getClass().getDeclaredField("fdVal");
        field.setAccessible(true);
        return (Integer) field.get(socket);
    }
}
