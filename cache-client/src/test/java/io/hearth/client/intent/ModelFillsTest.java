package io.hearth.client.intent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.Await;
import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.MemoryOrigin;
import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.client.PrefetchHints;
import io.hearth.client.Siblings;
import io.hearth.client.TestObject;
import io.hearth.client.read.LocalReads;
import io.hearth.client.read.StreamedReads;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.BlockOrder.Run;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelFillsTest {
    private static final int MIB = 1 << 20;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MemoryOrigin origin = new MemoryOrigin();
    private final Map<String, TestObject> files = new TreeMap<>();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final PrefetchHints hearer = (context, object, offset, length) ->
            told.add(object.key() + " " + offset / MIB + "+" + (length + MIB - 1) / MIB);
    private final Map<ObjectId, BlockOrder> kept = new ConcurrentHashMap<>();
    private ReadingOrders orders = new ReadingOrders() {
        @Override
        public CompletableFuture<Optional<BlockOrder>> find(ObjectId object) {
            return CompletableFuture.completedFuture(Optional.ofNullable(kept.get(object)));
        }

        @Override
        public void keep(ObjectId object, BlockOrder order) {
            kept.put(object, order);
        }
    };
    private ModelFills models;
    private StreamedReads reads;

    private void start(Map<String, String> settings) {
        start(settings, PrefetchHints.NONE);
    }

    /** @param streams is told by readers, beside what headers say */
    private void start(Map<String, String> settings, PrefetchHints streams) {
        models = new ModelFills(
                hearer,
                orders,
                TestObject.CONTEXT,
                IntentSettings.of(settings),
                new IntentMetrics(registry),
                System::nanoTime);
        reads = new StreamedReads(
                origin,
                streams,
                LocalReads.NONE,
                models,
                TestObject.CONTEXT,
                ClientSettings.defaults(),
                new ClientMetrics(registry));
    }

    @AfterEach
    void close() {
        stop();
        origin.close();
    }

    private void stop() {
        reads.close();
        models.close();
    }

    private TestObject file(String name, int sizeBytes, byte[] start) {
        TestObject random = TestObject.random("models/" + name, sizeBytes);
        System.arraycopy(start, 0, random.bytes(), 0, start.length);
        files.put(name, random);
        origin.add(random);
        return random;
    }

    private TestObject safetensors(String name, int sizeBytes) {
        byte[] json =
                "{\"x\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}".getBytes(StandardCharsets.UTF_8);
        ByteBuffer start = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
        return file(name, sizeBytes, start.putLong(json.length).put(json).array());
    }

    private void index(String name, String... shards) {
        StringBuilder json = new StringBuilder("{\"weight_map\":{\"first\":\"" + shards[0] + "\"");
        for (String shard : shards) {
            json.append(",\"").append(shard).append("\":\"").append(shard).append('"');
        }
        byte[] bytes = json.append("}}").toString().getBytes(StandardCharsets.UTF_8);
        file(name, bytes.length, bytes);
    }

    private final Siblings beside = new Siblings() {
        @Override
        public List<String> names(String suffix, int entriesMax) {
            return files.keySet().stream()
                    .filter(name -> name.endsWith(suffix))
                    .limit(entriesMax)
                    .toList();
        }

        @Override
        public Optional<ObjectRef> named(String name) {
            return Optional.ofNullable(files.get(name)).map(TestObject::ref);
        }
    };

    private OpenObject read(TestObject object, long offset, int length) {
        OpenObject open = reads.open(object.ref(), beside);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        assertEquals(length, open.read(offset, bytes));
        assertArrayEquals(object.range(offset, length), bytes.array());
        return open;
    }

    private void toldInTheEnd(String... expected) {
        Await.until("all is told of: " + told, () -> told.size() >= expected.length);
        assertEquals(List.of(expected), List.copyOf(told));
    }

    @Test
    void theFirstReadOfAHeaderFillsTheFileAndThenItsSiblings() {
        start(Map.of());
        TestObject second = safetensors("m-2.safetensors", 12 * MIB);
        safetensors("m-1.safetensors", 9 * MIB);
        safetensors("m-3.safetensors", 10 * MIB);
        safetensors("alone.safetensors", 10 * MIB);
        index("a.index.json", "other-1.safetensors");
        index("m.index.json", "m-1.safetensors", "m-2.safetensors", "m-3.safetensors", "m-4.safetensors");
        OpenObject open = read(second, 0, 8);
        toldInTheEnd("models/m-2.safetensors 0+12", "models/m-3.safetensors 0+10", "models/m-1.safetensors 0+9");
        OpenObject again = read(second, 0, 8);
        read(files.get("m-3.safetensors"), 0, 4096).close();
        read(files.get("alone.safetensors"), 0, 4096).close();
        toldInTheEnd(
                "models/m-2.safetensors 0+12",
                "models/m-3.safetensors 0+10",
                "models/m-1.safetensors 0+9",
                "models/alone.safetensors 0+10");
        open.close();
        again.close();
    }

    @Test
    void nothingIsFetchedBesideAHeaderBeforeItCame() {
        start(Map.of(), hearer);
        TestObject model = safetensors("m.safetensors", 40 * MIB);
        CompletableFuture<Void> gate = origin.holdBack();
        CompletableFuture<OpenObject> reader = CompletableFuture.supplyAsync(() -> read(model, 0, MIB));
        Await.until("asked for", () -> !origin.fetches().isEmpty());
        assertEquals(List.of(new MemoryOrigin.Fetch(model.ref(), 0, MIB)), origin.fetches());
        assertEquals(List.of(), List.copyOf(told));
        gate.complete(null);
        OpenObject open = reader.join();
        Await.until("the file is filled: " + told, () -> told.contains("models/m.safetensors 0+40"));
        open.read(MIB, ByteBuffer.allocate(MIB));
        Await.until("the stream is gone ahead of: " + told, () -> told.size() > 1);
        open.close();
    }

    @Test
    void siblingsWaitUntilWhatIsBeforeThemWasRead() {
        start(Map.of("client.intent-ahead", "24MiB"));
        TestObject first = safetensors("m-1.safetensors", 16 * MIB);
        safetensors("m-2.safetensors", 16 * MIB);
        index("m.index.json", "m-1.safetensors", "m-2.safetensors");
        OpenObject open = read(first, 0, 8);
        toldInTheEnd("models/m-1.safetensors 0+16");
        assertEquals(16L * MIB, models.unreadBytes());
        for (int at = 0; at < 16 * MIB; at += MIB) {
            open.read(at, ByteBuffer.allocate(MIB));
        }
        toldInTheEnd("models/m-1.safetensors 0+16", "models/m-2.safetensors 0+16");
        open.close();
    }

    @Test
    void aFileThatOnlyBearsTheNameIsReadAndNotFilled() {
        start(Map.of());
        TestObject noise = file("noise.safetensors", 12 * MIB, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        TestObject text = file("text.gguf", 12 * MIB, "<html>".getBytes(StandardCharsets.UTF_8));
        TestObject good = safetensors("good.SAFETENSORS", 12 * MIB);
        read(noise, 0, 4096).close();
        read(text, 0, 4096).close();
        read(good, MIB, 4096).close();
        read(good, 0, 4096).close();
        toldInTheEnd("models/good.SAFETENSORS 0+12");
        assertEquals(
                2, (int) registry.get("hearth.client.intent.refused").counter().count());
    }

    @Test
    void aHeaderThatCannotBeReadFailsNobodyButItsReader() {
        start(Map.of());
        TestObject good = safetensors("good.safetensors", 12 * MIB);
        index("bad.index.json", "good.safetensors");
        byte[] bad = files.get("bad.index.json").bytes();
        Arrays.fill(bad, (byte) '[');
        read(good, 0, 4096).close();
        toldInTheEnd("models/good.safetensors 0+12");
    }

    @Test
    void nothingIsFilledWhereItIsSwitchedOff() {
        start(Map.of("client.intent-ahead", "0"));
        read(safetensors("good.safetensors", 12 * MIB), 0, 4096).close();
        models.close();
        assertEquals(List.of(), List.copyOf(told));
    }

    private static final int BLOCK = 8 * MIB;

    /** As a loader does that maps a file: by two handles, the one only for the header. */
    private void load(TestObject model, int... blocks) {
        OpenObject header = read(model, 0, 4096);
        OpenObject mapped = reads.open(model.ref(), beside);
        header.close();
        for (int block : blocks) {
            mapped.read((long) block * BLOCK + MIB, ByteBuffer.allocate(100));
        }
        Await.until("told of", () -> !told.isEmpty());
        mapped.close();
    }

    @Test
    void theNextFillGoesInTheOrderInWhichTheModelWasReadAndThenOn() {
        start(Map.of());
        TestObject model = safetensors("m.safetensors", 9 * BLOCK);
        load(model, 5, 6, 2, 7, 5, 1, 3, 2);
        toldInTheEnd("models/m.safetensors 0+72");
        BlockOrder order = kept.get(model.ref().id());
        assertEquals(List.of(0, 5, 6, 2, 7, 1, 3), order.numbers().boxed().toList());

        stop();
        told.clear();
        start(Map.of());
        read(model, 0, 4096).close();
        toldInTheEnd(
                "models/m.safetensors 0+8",
                "models/m.safetensors 40+16",
                "models/m.safetensors 16+8",
                "models/m.safetensors 56+8",
                "models/m.safetensors 8+8",
                "models/m.safetensors 24+16",
                "models/m.safetensors 64+8");
        assertEquals(
                1, (int) registry.get("hearth.client.intent.replayed").counter().count());
    }

    @Test
    void anOrderThatIsForeseenOrOfAFewBlocksIsNotKept() {
        start(Map.of());
        TestObject inOrder = safetensors("in-order.safetensors", 9 * BLOCK);
        load(inOrder, 0, 1, 2, 4, 3, 5, 6, 7, 8);
        told.clear();
        load(safetensors("a-part.safetensors", 9 * BLOCK), 3);
        told.clear();
        assertEquals(Map.of(), kept);
    }

    @Test
    void anOrderThatIsNotOfThisFileOrDoesNotComeChangesNothing() {
        TestObject model = safetensors("m.safetensors", 9 * BLOCK);
        kept.put(model.ref().id(), new BlockOrder(List.of(new Run(3, 1), new Run(9, 1))));
        start(Map.of());
        read(model, 0, 4096).close();
        toldInTheEnd("models/m.safetensors 0+72");

        stop();
        told.clear();
        orders = new ReadingOrders() {
            @Override
            public CompletableFuture<Optional<BlockOrder>> find(ObjectId object) {
                return new CompletableFuture<>();
            }

            @Override
            public void keep(ObjectId object, BlockOrder order) {}
        };
        start(Map.of("client.intent-order-wait", "1ms"));
        read(model, 0, 4096).close();
        toldInTheEnd("models/m.safetensors 0+72");
    }

    /** Answers none until so many are asked for. */
    private static final class OrdersTogether implements ReadingOrders {
        private final int together;
        private final List<CompletableFuture<Optional<BlockOrder>>> asked = new ArrayList<>();
        private int mostAsked;

        OrdersTogether(int together) {
            this.together = together;
        }

        @Override
        public synchronized CompletableFuture<Optional<BlockOrder>> find(ObjectId object) {
            CompletableFuture<Optional<BlockOrder>> answer = new CompletableFuture<>();
            asked.add(answer);
            mostAsked = Math.max(mostAsked, asked.size());
            if (asked.size() == together) {
                asked.forEach(one -> one.complete(Optional.of(new BlockOrder(List.of(new Run(1, 1))))));
                asked.clear();
            }
            return answer;
        }

        @Override
        public void keep(ObjectId object, BlockOrder order) {}
    }

    private TestObject shards(int count) {
        String[] names = new String[count];
        for (int shard = 0; shard < count; shard++) {
            names[shard] = "m-" + shard + ".safetensors";
            safetensors(names[shard], 9 * MIB);
        }
        index("m.index.json", names);
        return files.get(names[0]);
    }

    @Test
    void theOrdersOfShardsAreAskedForTogetherWithinTheBound() {
        TestObject first = shards(9);
        OrdersTogether together = new OrdersTogether(4);
        orders = together;
        start(Map.of("client.intent-order-wait", "10s", "client.intent-orders", "4"));
        together.find(first.ref().id());
        together.find(first.ref().id());
        together.find(first.ref().id()); // And its own makes four.
        read(first, 0, 4096).close();
        Await.until("all is told of in its order: " + told, () -> told.size() == 18);
        for (int shard = 0; shard < 9; shard++) {
            assertTrue(told.contains("models/m-" + shard + ".safetensors 8+1"), "in its order: " + told);
        }
        assertEquals(4, together.mostAsked);
    }

    @Test
    void mastersThatAnswerNothingCostOneWaitForManyShards() {
        TestObject first = shards(9);
        AtomicInteger asked = new AtomicInteger();
        orders = new ReadingOrders() {
            @Override
            public CompletableFuture<Optional<BlockOrder>> find(ObjectId object) {
                asked.incrementAndGet();
                return new CompletableFuture<>();
            }

            @Override
            public void keep(ObjectId object, BlockOrder order) {}
        };
        start(Map.of("client.intent-order-wait", "1s"));
        read(first, 0, 4096).close();
        Await.until("the first is told of", () -> told.size() == 1);
        Await.until("the others are asked for before one is told of", () -> asked.get() == 9 || told.size() > 1);
        assertEquals(9, asked.get());
        Await.until("all is told of: " + told, () -> told.size() == 9);
    }
}
