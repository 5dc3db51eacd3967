package io.hearth.fuse.kernel.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestDecoderTest {
    private static final int PLANS = 200_000;

    private static Request decode(String name) throws MalformedRequestException {
        return RequestDecoder.decode(Golden.buffer(Golden.bytes(name)));
    }

    private static RequestHeader header(Opcode opcode, int bodyBytes, long nodeId) {
        return new RequestHeader(40 + bodyBytes, opcode, Golden.UNIQUE, nodeId);
    }

    @Test
    void everyRequestIsReadAsTheKernelLaysItOut() throws Exception {
        assertEquals(new Request.Init(header(Opcode.INIT, 64, 0), 7, 45, 131_072, 0x73fffffb, 0x5fd), decode("INIT"));
        assertEquals(new Request.Init(header(Opcode.INIT, 16, 0), 7, 45, 131_072, 0x73fffffb, 0), decode("INIT_OLD"));
        assertEquals(new Request.Lookup(header(Opcode.LOOKUP, 15, 9), Optional.of("naïve 文.txt")), decode("LOOKUP"));
        assertEquals(new Request.Forget(header(Opcode.FORGET, 8, 9), 3), decode("FORGET"));
        Request.BatchForget batch = assertInstanceOf(Request.BatchForget.class, decode("BATCH_FORGET"));
        assertEquals(header(Opcode.BATCH_FORGET, 40, 0), batch.header());
        assertArrayEquals(new long[] {9, 10}, batch.nodeIds());
        assertArrayEquals(new long[] {3, 1}, batch.counts());
        assertEquals(new Request.GetAttributes(header(Opcode.GETATTR, 16, 9)), decode("GETATTR"));
        assertEquals(new Request.Statx(header(Opcode.STATX, 24, 9)), decode("STATX"));
        assertEquals(new Request.Open(header(Opcode.OPEN, 8, 9), 0100000), decode("OPEN"));
        assertEquals(new Request.OpenDirectory(header(Opcode.OPENDIR, 8, 1)), decode("OPENDIR"));
        assertEquals(new Request.Read(header(Opcode.READ, 40, 9), 55, 5_000_000_000L, 1 << 20), decode("READ"));
        assertEquals(new Request.ReadDirectory(header(Opcode.READDIR, 40, 1), 55, 2, 32_768, false), decode("READDIR"));
        assertEquals(
                new Request.ReadDirectory(header(Opcode.READDIRPLUS, 40, 1), 55, 2, 32_768, true),
                decode("READDIRPLUS"));
        assertEquals(new Request.Release(header(Opcode.RELEASE, 24, 9), 55), decode("RELEASE"));
        assertEquals(new Request.ReleaseDirectory(header(Opcode.RELEASEDIR, 24, 1), 55), decode("RELEASEDIR"));
        assertEquals(new Request.StatFs(header(Opcode.STATFS, 0, 1)), decode("STATFS"));
        assertEquals(new Request.Interrupt(header(Opcode.INTERRUPT, 8, 0), 0x99), decode("INTERRUPT"));
        assertEquals(new Request.Destroy(header(Opcode.DESTROY, 0, 0)), decode("DESTROY"));
        assertEquals(new Request.Change(header(Opcode.MKDIR, 12, 1)), decode("MKDIR"));
        assertEquals(new Request.Unserved(header(Opcode.OTHER, 24, 9)), decode("LSEEK"));
    }

    @Test
    void aNameThatIsNoUtf8IsNoName() throws Exception {
        assertEquals(new Request.Lookup(header(Opcode.LOOKUP, 3, 9), Optional.empty()), decode("LOOKUP_BAD"));
    }

    @Test
    void requestsThatAreNotWholeAreRefused() {
        for (String name : List.of("INIT_OLD", "LOOKUP", "FORGET", "BATCH_FORGET", "OPEN", "READ", "INTERRUPT")) {
            byte[] whole = Golden.bytes(name);
            int needed = name.equals("READ") ? 60 : whole.length;
            for (int length = 0; length < needed; length++) {
                byte[] cut = java.util.Arrays.copyOf(whole, length);
                assertThrows(MalformedRequestException.class, () -> RequestDecoder.decode(Golden.buffer(cut)), name);
                if (length >= 4) {
                    Golden.buffer(cut).putInt(0, length); // Its own length is right now.
                    assertThrows(
                            MalformedRequestException.class,
                            () -> RequestDecoder.decode(Golden.buffer(cut)),
                            name + " of " + length);
                }
            }
        }
    }

    @Test
    void countsOfNodesAreHeldAgainstTheBytesThatAreThere() {
        for (int count : new int[] {3, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 1 << 28}) {
            ByteBuffer batch = Golden.buffer(Golden.bytes("BATCH_FORGET"));
            batch.putInt(40, count);
            assertThrows(MalformedRequestException.class, () -> RequestDecoder.decode(batch));
        }
    }

    /**
     * Whole messages with bytes changed, cut or appended, and noise: a request or the one exception, within the limit.
     */
    @Test
    void whateverComesIsARequestOrRefused() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        System.out.println("fuzzed requests: seed " + seed);
        Random random = new Random(seed);
        List<byte[]> whole = Golden.all().entrySet().stream()
                .filter(message ->
                        !message.getKey().contains("_") || message.getKey().startsWith("BATCH"))
                .map(java.util.Map.Entry::getValue)
                .toList();
        int read = 0;
        for (int plan = 0; plan < PLANS; plan++) {
            ByteBuffer message = Golden.buffer(mutated(whole.get(random.nextInt(whole.size())), random));
            ByteBuffer within = surrounded(message);
            try {
                Request request = RequestDecoder.decode(within);
                assertEquals(message.remaining(), request.header().lengthBytes(), "seed " + seed);
                if (request instanceof Request.BatchForget batch) {
                    assertTrue(batch.nodeIds().length <= message.remaining() / 16, "seed " + seed);
                }
                read++;
            } catch (MalformedRequestException e) {
                assertTrue(e.getMessage().length() > 0);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", plan " + plan + ": " + Golden.hex(message), e);
            }
        }
        assertTrue(read > PLANS / 20, "too few were whole to show anything: " + read);
    }

    /** The message between guards, in a slice that ends where the message ends: reading further throws. */
    private static ByteBuffer surrounded(ByteBuffer message) {
        ByteBuffer all = ByteBuffer.allocate(message.remaining() + 7);
        all.position(7);
        all.put(message.duplicate()).flip().position(7);
        return all.slice().order(message.order());
    }

    private static byte[] mutated(byte[] whole, Random random) {
        byte[] bytes = java.util.Arrays.copyOf(whole, random.nextInt(3) == 0 ? random.nextInt(200) : whole.length);
        for (int changes = random.nextInt(6); changes > 0 && bytes.length > 0; changes--) {
            bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt() : -random.nextInt(2));
        }
        if (bytes.length >= 8 && random.nextInt(4) != 0) {
            ByteBuffer buffer = Golden.buffer(bytes);
            buffer.putInt(0, bytes.length);
            if (random.nextInt(3) == 0) {
                buffer.putInt(4, random.nextInt(60));
            }
        }
        return bytes;
    }
}
