package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken and hostile clients against a real server. After each, an honest client must still be served. */
class MalformedFramesTest {
    private static final ObjectRef OBJECT = FakeOrigin.object("honest", 100_000);

    @TempDir
    Path home;

    private WorkerRig rig;

    @BeforeEach
    void start() {
        rig = new WorkerRig(home, Map.of("worker.connections-max", "8"));
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void aFrameThatBreaksARuleEndsItsConnectionAlone() throws Exception {
        byte[][] frames = {
            {0, 0, 0, 0},
            {-1, -1, -1, -1},
            {0x7f, -1, -1, -1},
            ByteBuffer.allocate(4).putInt(MessageCodec.FRAME_BYTES_MAX).array(),
            {0, 0, 0, 1, 99},
            {0, 0, 0, 1, 4},
            {0, 0, 0, 2, 9, 0},
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
            MessageCodec.encode(new Message.Pong(1)).array(),
            MessageCodec.encode(new Message.Welcome(1, 0, "w", 1)).array(),
            MessageCodec.encode(new Message.Hello(1, 1, 0, "")).array(),
            patched(new Message.Read(1, WireClient.CONTEXT, OBJECT, 0, 10), -4, 0x7fffffff),
            patched(new Message.Read(1, WireClient.CONTEXT, OBJECT, 0, 10), -8, 0x7fffffff),
        };
        for (int i = 0; i < frames.length; i++) {
            try (WireClient client = rig.client()) {
                client.raw(frames[i]);
                assertClosed(client, "frame " + i);
            }
            assertHonestIsServed();
        }
        assertEquals(frames.length, rig.counter("hearth.worker.frames.malformed"));
    }

    @Test
    void aSecondRequestWithAnIdInUseIsBroken() throws Exception {
        rig.origin.pieces.drainPermits();
        try (WireClient client = rig.client()) {
            client.send(new Message.Read(5, WireClient.CONTEXT, OBJECT, 0, 10));
            client.send(new Message.Read(5, WireClient.CONTEXT, OBJECT, 0, 10));
            assertClosed(client, "same id");
        }
        rig.origin.pieces.release(1000);
        assertHonestIsServed();
    }

    @Test
    void aClientThatDoesNotGreetIsClosed() throws Exception {
        try (WireClient client = new WireClient(rig.worker.dataPort())) {
            client.send(new Message.Ping(1));
            assertClosed(client, "no hello");
        }
        assertHonestIsServed();
    }

    @Test
    void anotherVersionIsRefusedInWords() throws Exception {
        try (WireClient client = new WireClient(rig.worker.dataPort())) {
            client.send(new Message.Hello(7, 9, 0, ""));
            Message.Refused refused = (Message.Refused) client.receive().message();
            assertEquals(MessageCodec.VERSION_MAX, refused.versionMax());
            assertTrue(refused.reason().contains("7 to 9"), refused.reason());
            assertClosed(client, "refused");
        }
    }

    @Test
    void oneConnectionTooManyIsRefusedInWords() throws Exception {
        WireClient[] clients = new WireClient[8];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = rig.client();
        }
        try (WireClient ninth = new WireClient(rig.worker.dataPort())) {
            Message.Refused refused = (Message.Refused) ninth.receive().message();
            assertTrue(refused.reason().contains("connections"), refused.reason());
        }
        for (WireClient client : clients) {
            client.close();
        }
        WorkerRig.await(
                "room again",
                () -> rig.registry.get("hearth.worker.connections").gauge().value() == 0);
        assertHonestIsServed();
    }

    @Test
    void randomBytesNeverTakeMoreMemoryThanAFrame() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        assertHonestIsServed();
        long before = usedBytes();
        for (int round = 0; round < 200; round++) {
            try (WireClient client = rig.client()) {
                byte[] bytes = new byte[1 + random.nextInt(300)];
                random.nextBytes(bytes);
                if (round % 2 == 0) {
                    byte[] good = MessageCodec.encode(new Message.Read(1, WireClient.CONTEXT, OBJECT, 0, 10))
                            .array();
                    good[random.nextInt(good.length)] ^= (byte) (1 << random.nextInt(8));
                    bytes = good;
                }
                client.raw(bytes);
            } catch (IOException e) {
                // The server may close while this writes.
            }
        }
        WorkerRig.await(
                "all gone",
                () -> rig.registry.get("hearth.worker.connections").gauge().value() == 0);
        assertTrue(usedBytes() - before < 16 << 20, "seed " + seed + ": " + before + " then " + usedBytes());
        assertHonestIsServed();
    }

    private static long usedBytes() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    private void assertHonestIsServed() throws IOException {
        try (WireClient client = rig.client()) {
            assertArrayEquals(FakeOrigin.expected(OBJECT, 5, 1000), client.read(OBJECT, 5, 1000));
        }
    }

    private static void assertClosed(WireClient client, String what) {
        IOException end = assertThrows(IOException.class, () -> client.receive(), what);
        assertTrue(end instanceof EOFException || end instanceof SocketException, what + ": " + end);
    }

    /** Overwrites four bytes counted from the end. */
    private static byte[] patched(Message message, int fromEnd, int value) {
        byte[] frame = MessageCodec.encode(message).array();
        ByteBuffer.wrap(frame).putInt(frame.length + fromEnd, value);
        return frame;
    }
}
