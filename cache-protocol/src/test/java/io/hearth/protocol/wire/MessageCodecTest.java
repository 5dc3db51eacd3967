package io.hearth.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.BlockOrder.Run;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.Validator;
import io.hearth.protocol.wire.Message.Data;
import io.hearth.protocol.wire.Message.Failed;
import io.hearth.protocol.wire.Message.Hello;
import io.hearth.protocol.wire.Message.Read;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
    private static final RequestContext CONTEXT = new RequestContext("", new DatasetName("default", "llama"), 42);
    private static final ObjectRef OBJECT = new ObjectRef(
            "0123456789abcdef0123456789abcdef",
            "models/\u00fc/\ud83d\udd25.safetensors",
            new Validator.StrongEtag("\"d41d8cd98f00b204e9800998ecf8427e\""),
            5L << 30);

    private static final List<Message> MESSAGES = List.of(
            new Hello(1, 3, 5, "token"),
            new Message.Welcome(1, 0, "worker-1", 7),
            new Message.Refused(1, 1, "versions 2 to 3 are not spoken here"),
            new Read(9, CONTEXT, OBJECT, 4L << 30, 1 << 20),
            new Message.Prefetch(CONTEXT, OBJECT, 0, 5L << 30),
            new Message.PrefetchBlocks(CONTEXT, OBJECT, new BlockOrder(List.of(new Run(600, 7), new Run(0, 1)))),
            new Message.Cancel(9),
            new Failed(9, FailureKind.STALE, "another version is there"),
            new Message.Ping(1),
            new Message.Pong(1),
            new Message.AwaitReady(9, 3, CONTEXT, OBJECT, 4L << 30, 1 << 20),
            new Message.Ready(9, 4L << 30, 1L << 30),
            new Message.OpenDescriptor(1, CONTEXT, OBJECT),
            new Message.Granted(1, 3),
            new Message.TakeDescriptor(1),
            new Message.LetGo(3),
            new Message.Revoked(3),
            new Message.Whole(3),
            new Message.KeepFile(1, 3),
            new Message.UnkeepFile(2, 17),
            new Message.SendDevice(1),
            new Message.Kept(1, -40));

    @Test
    void everyMessageSurvivesTheWire() {
        for (Message message : MESSAGES) {
            assertEquals(message, decodeFrame(MessageCodec.encode(message)));
        }
    }

    @Test
    void aDataFrameLeavesThePositionAtItsPayload() {
        ByteBuffer head = MessageCodec.dataHead(new Data(3, 1 << 20, true, 77), 5);
        ByteBuffer frame = ByteBuffer.allocate(head.remaining() + 5).put(head).put("hello".getBytes());
        frame.flip();
        assertEquals(frame.remaining() - MessageCodec.LENGTH_BYTES, frame.getInt());
        assertEquals(new Data(3, 1 << 20, true, 77), MessageCodec.decode(frame));
        assertEquals(5, frame.remaining());
    }

    @Test
    void aPayloadAcrossAChunksBorderIsRefused() {
        ByteBuffer head = MessageCodec.dataHead(new Data(3, Geometry.CHUNK_BYTES - 2, false, 0), 5);
        ByteBuffer frame = ByteBuffer.allocate(head.remaining() + 5).put(head);
        frame.position(MessageCodec.LENGTH_BYTES).limit(frame.capacity());
        assertEquals(
                FailureKind.INVALID,
                assertThrows(HearthException.class, () -> MessageCodec.decode(frame))
                        .kind());
    }

    @Test
    void rangesOutsideTheObjectAreRefused() {
        long size = OBJECT.sizeBytes();
        for (Read read : List.of(
                new Read(1, CONTEXT, OBJECT, size, 1),
                new Read(1, CONTEXT, OBJECT, -1, 1),
                new Read(1, CONTEXT, OBJECT, size - 1, 2),
                new Read(1, CONTEXT, OBJECT, 0, 0),
                new Read(1, CONTEXT, OBJECT, 0, MessageCodec.READ_BYTES_MAX + 1),
                new Read(1, CONTEXT, OBJECT, Long.MAX_VALUE, 1))) {
            assertThrows(HearthException.class, () -> decodeFrame(MessageCodec.encode(read)), read.toString());
        }
    }

    @Test
    void blocksOutsideTheObjectAndMoreRunsThanFitAreRefused() {
        List<Run> runs = Collections.nCopies(MessageCodec.RUNS_MAX, new Run(600, 7));
        ObjectRef longest = new ObjectRef("o".repeat(255), "k".repeat(1024), OBJECT.validator(), OBJECT.sizeBytes());
        Message most = new Message.PrefetchBlocks(CONTEXT, longest, new BlockOrder(runs));
        assertEquals(most, decodeFrame(MessageCodec.encode(most)), "the most of everything fits a frame");
        for (BlockOrder order : List.of(
                new BlockOrder(List.of()),
                new BlockOrder(List.of(new Run(640, 1))),
                new BlockOrder(Collections.nCopies(MessageCodec.RUNS_MAX + 1, new Run(0, 1))))) {
            Message prefetch = new Message.PrefetchBlocks(CONTEXT, OBJECT, order);
            assertThrows(HearthException.class, () -> decodeFrame(MessageCodec.encode(prefetch)));
        }
    }

    @Test
    void lengthsOutsideTheBoundAreRefusedBeforeTheFrameIsRead() {
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, MessageCodec.FRAME_BYTES_MAX + 1, 0x47455420}) {
            assertThrows(HearthException.class, () -> MessageCodec.checkLength(length), () -> "length " + length);
        }
        assertEquals(MessageCodec.FRAME_BYTES_MAX, MessageCodec.checkLength(MessageCodec.FRAME_BYTES_MAX));
    }

    @Test
    void anUnknownTypeIsSaidToBeOfAnotherVersion() {
        HearthException refused =
                assertThrows(HearthException.class, () -> MessageCodec.decode(ByteBuffer.wrap(new byte[] {99})));
        assertEquals(FailureKind.UNSUPPORTED_VERSION, refused.kind());
        assertTrue(refused.getMessage().contains("type 99"), refused.getMessage());
    }

    @Test
    void damagedFramesEndInOurFailureAndNothingElse() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20_000; round++) {
            ByteBuffer frame = damaged(random);
            try {
                MessageCodec.decode(frame);
            } catch (HearthException expected) {
                assertTrue(expected.getMessage().length() < 4096, "a message echoes the frame");
            } catch (RuntimeException e) {
                fail("seed " + seed + " round " + round, e);
            }
        }
    }

    private static ByteBuffer damaged(SplittableRandom random) {
        ByteBuffer encoded = MessageCodec.encode(MESSAGES.get(random.nextInt(MESSAGES.size())));
        byte[] body = new byte[encoded.remaining() - MessageCodec.LENGTH_BYTES];
        encoded.position(MessageCodec.LENGTH_BYTES).get(body);
        if (random.nextInt(4) == 0) {
            random.nextBytes(body);
            body[0] = (byte) random.nextInt(24);
        }
        for (int flips = random.nextInt(4); flips > 0; flips--) {
            body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
        }
        int length = random.nextInt(3) == 0 ? random.nextInt(1, body.length + 1) : body.length;
        return ByteBuffer.wrap(body, 0, length).slice();
    }

    private static Message decodeFrame(ByteBuffer frame) {
        assertEquals(frame.remaining() - MessageCodec.LENGTH_BYTES, frame.getInt());
        Message message = MessageCodec.decode(frame);
        assertEquals(0, frame.remaining());
        return message;
    }
}
