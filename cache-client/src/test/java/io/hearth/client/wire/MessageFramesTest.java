package io.hearth.client.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.Validator;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MessageFramesTest {
    private static final RequestContext CONTEXT = new RequestContext("someone", new DatasetName("default", "d"), 7);
    private static final ObjectRef OBJECT =
            new ObjectRef("0123", "models/a.bin", new Validator.StrongEtag("\"e\""), 40L << 20);

    @BeforeAll
    static void watchLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @Test
    void everyFrameSurvivesBeingCutAnywhere() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 4; round++) {
            List<Message> sent = messages(random);
            ByteBuf stream = encodeAll(sent, random);
            EmbeddedChannel channel = new EmbeddedChannel(new MessageDecoder());
            while (stream.isReadable()) {
                int piece = 1 + random.nextInt(random.nextInt(3) == 0 ? 600_000 : 30_000);
                byte[] cut = new byte[Math.min(piece, stream.readableBytes())];
                stream.readBytes(cut);
                channel.writeInbound(Unpooled.wrappedBuffer(cut));
            }
            stream.release();
            for (Message expected : sent) {
                Object got = channel.readInbound();
                assertEquals(expected, got instanceof DataFrame frame ? frame.head() : got, "seed " + seed);
                checkPayload(got);
                ReferenceCountUtil.release(got);
            }
            assertNull(channel.readInbound());
            assertFalse(channel.finish(), "nothing is left behind");
        }
    }

    @Test
    void hugeLengthsAreRefusedBeforeRoomIsMade() {
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, MessageCodec.FRAME_BYTES_MAX + 1}) {
            CountingAllocator allocator = new CountingAllocator();
            EmbeddedChannel channel = channel(allocator);
            channel.pipeline()
                    .fireChannelRead(Unpooled.buffer().writeInt(length).writeByte(7));
            HearthException refusal = assertThrows(HearthException.class, channel::checkException);
            assertEquals(FailureKind.INVALID, refusal.kind());
            assertFalse(channel.isOpen());
            assertTrue(allocator.largest() <= 256, "allocated " + allocator.largest());
        }
    }

    @Test
    void nothingAfterABrokenFrameIsDelivered() {
        EmbeddedChannel channel = new EmbeddedChannel(new MessageDecoder());
        ByteBuf bytes = Unpooled.buffer().writeInt(0).writeBytes(MessageCodec.encode(new Message.Ping(1)));
        channel.pipeline().fireChannelRead(bytes);
        assertThrows(HearthException.class, channel::checkException);
        assertNull(channel.readInbound());
    }

    @Test
    void garbageAndFlippedBitsEndInMessagesOrOneRefusal() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 600; round++) {
            CountingAllocator allocator = new CountingAllocator();
            EmbeddedChannel channel = channel(allocator);
            ByteBuf bytes = round % 2 == 0 ? garbage(random) : flipped(random);
            int fed = bytes.readableBytes();
            while (bytes.isReadable() && channel.isOpen()) {
                channel.pipeline()
                        .fireChannelRead(bytes.readBytes(Math.min(1 + random.nextInt(4096), bytes.readableBytes())));
            }
            bytes.release();
            assertTrue(
                    allocator.largest() <= MessageCodec.FRAME_BYTES_MAX + MessageCodec.LENGTH_BYTES + 4096,
                    "seed " + seed + ": " + allocator.largest() + " for " + fed);
            try {
                channel.checkException();
            } catch (HearthException e) {
                assertFalse(channel.isOpen(), "seed " + seed);
            }
            channel.finishAndReleaseAll();
            assertEquals(0, allocator.live(), "seed " + seed + ": buffers left");
        }
    }

    @Test
    void aDataMessageWithoutPayloadIsNotSent() {
        EmbeddedChannel channel = new EmbeddedChannel(new MessageEncoder());
        assertThrows(RuntimeException.class, () -> channel.writeOutbound(new Message.Data(1, 0, false, 0)));
    }

    private static EmbeddedChannel channel(CountingAllocator allocator) {
        EmbeddedChannel channel = new EmbeddedChannel(new MessageDecoder());
        channel.config().setAllocator(allocator);
        return channel;
    }

    private static List<Message> messages(Random random) {
        List<Message> messages = new ArrayList<>();
        messages.add(new Message.Hello(1, 3, 5, "token"));
        messages.add(new Message.Welcome(1, 0, "worker-1", 9));
        messages.add(new Message.Refused(2, 3, "speak version 2"));
        for (int i = 0; i < 8; i++) {
            messages.add(new Message.Read(random.nextLong(), CONTEXT, OBJECT, random.nextInt(1 << 20), 4096));
            messages.add(new Message.Data(i, Geometry.chunkOffset(random.nextInt(40)), random.nextBoolean(), i));
            messages.add(new Message.Prefetch(CONTEXT, OBJECT, 0, OBJECT.sizeBytes()));
            messages.add(new Message.Failed(i, FailureKind.STALE, "changed"));
            messages.add(new Message.Cancel(i));
            messages.add(new Message.Ping(random.nextLong()));
            messages.add(new Message.Pong(random.nextLong()));
        }
        return messages;
    }

    private static ByteBuf encodeAll(List<Message> messages, Random random) {
        EmbeddedChannel encoder = new EmbeddedChannel(new MessageEncoder());
        ByteBuf stream = Unpooled.buffer();
        for (Message message : messages) {
            if (message instanceof Message.Data head) {
                int length = random.nextBoolean() ? Geometry.CHUNK_BYTES : 1 + random.nextInt(9000);
                encoder.writeOutbound(new DataFrame(head, payload(head, length)));
            } else {
                encoder.writeOutbound(message);
            }
            for (ByteBuf part = encoder.readOutbound(); part != null; part = encoder.readOutbound()) {
                stream.writeBytes(part);
                part.release();
            }
        }
        return stream;
    }

    private static ByteBuf payload(Message.Data head, int length) {
        byte[] bytes = new byte[length];
        new Random(head.offset() ^ length).nextBytes(bytes);
        return Unpooled.wrappedBuffer(bytes);
    }

    private static void checkPayload(Object got) {
        if (got instanceof DataFrame frame) {
            ByteBuf expected = payload(frame.head(), frame.payload().readableBytes());
            assertEquals(expected, frame.payload());
        }
    }

    private static ByteBuf garbage(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(2000)];
        random.nextBytes(bytes);
        ByteBuf stream = Unpooled.buffer();
        if (random.nextBoolean()) {
            stream.writeInt(bytes.length); // a frame of nonsense, with a length that passes
            bytes[0] = (byte) random.nextInt(12);
        }
        return stream.writeBytes(bytes);
    }

    private static ByteBuf flipped(Random random) {
        List<Message> all = messages(random);
        List<Message> few = new ArrayList<>(all.subList(0, 3));
        few.add(all.get(3 + random.nextInt(7)));
        few.add(all.get(3 + random.nextInt(7)));
        few.removeIf(message -> message instanceof Message.Data && random.nextInt(20) != 0);
        ByteBuf stream = encodeAll(few, random);
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            int at = random.nextInt(stream.readableBytes());
            stream.setByte(at, stream.getByte(at) ^ 1 << random.nextInt(8));
        }
        return stream;
    }
}
