package io.hearth.client.intent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {
    private static final String TENSORS = "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"a\\\"b{\":{\"dtype\":\"F16\",\"shape\":[2,-3],\"data_offsets\":[0,1.5E+2]},"
            + "\"größe\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[150,160]}}";

    private static ByteBuffer safetensors(long headerBytes, String json) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
        return file.putLong(headerBytes).put(text).flip();
    }

    private static ByteBuffer safetensors(String json) {
        return safetensors(json.getBytes(StandardCharsets.UTF_8).length, json);
    }

    private static ByteBuffer gguf(int version, long tensors, long values) {
        ByteBuffer file = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        file.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(version);
        return version == 1
                ? file.putInt((int) tensors).putInt((int) values).position(0)
                : file.putLong(tensors).putLong(values).position(0);
    }

    @Test
    void aHeaderIsKnownWholeOrByItsBeginning() {
        assertTrue(SafetensorsHeader.begins(safetensors(TENSORS), 1 << 20));
        assertTrue(SafetensorsHeader.begins(safetensors(TENSORS + "     "), 1 << 20), "padded");
        assertTrue(SafetensorsHeader.begins(safetensors(90_000_000, TENSORS.substring(0, 70)), 1L << 40));
        ByteBuffer prefix = safetensors(TENSORS);
        SafetensorsHeader.begins(prefix, 1 << 20);
        assertEquals(0, prefix.position());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"a\":{\"b\":[[[[[1]]]]]}}",
                "{\"a\":{}}}",
                "{\"a\":{}} {",
                "{\"a\":{\"b\":[1,2]}",
                "{\"a",
                "{\u0001}",
                "{<html>}"
            })
    void whatIsNoHeaderIsNotTakenForOne(String json) {
        assertFalse(SafetensorsHeader.begins(safetensors(json), 1 << 20), json);
    }

    @Test
    void lengthsThatCannotBeAreRefused() {
        for (long length : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 1 << 20, (1 << 20) - 8}) {
            assertFalse(SafetensorsHeader.begins(safetensors(length, TENSORS), 1 << 20), length + " bytes");
        }
        assertFalse(SafetensorsHeader.begins(ByteBuffer.allocate(0), 1 << 20));
        assertFalse(SafetensorsHeader.begins(ByteBuffer.allocate(9), 1 << 20));
    }

    @Test
    void aHeaderOfTooManyValuesIsRefused() {
        String many = "{" + "\"a\":[],".repeat(70_000) + "\"b\":[]}";
        assertFalse(SafetensorsHeader.begins(safetensors(many), 1 << 30));
    }

    @Test
    void ggufIsKnownByItsNumbers() {
        assertTrue(GgufHeader.begins(gguf(3, 300, 20), 1 << 30));
        assertTrue(GgufHeader.begins(gguf(1, 300, 20), 1 << 30));
        assertFalse(GgufHeader.begins(gguf(0, 300, 20), 1 << 30));
        assertFalse(GgufHeader.begins(gguf(17, 300, 20), 1 << 30));
        assertFalse(GgufHeader.begins(gguf(3, 0, 20), 1 << 30));
        assertFalse(GgufHeader.begins(gguf(3, -1, 20), 1 << 30));
        assertFalse(GgufHeader.begins(gguf(3, 1L << 40, 20), 1 << 30));
        assertFalse(GgufHeader.begins(gguf(3, 300, -5), 1 << 30));
        assertFalse(GgufHeader.begins(gguf(3, 300, 20).limit(23), 1 << 30));
    }

    @Test
    void anyBytesAtAllAreLookedAtWithoutFailing() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        int known = 0;
        for (int plan = 0; plan < 20_000; plan++) {
            ByteBuffer bytes = random.nextBoolean() ? safetensors(TENSORS) : gguf(3, 300, 20);
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                bytes.put(random.nextInt(bytes.limit()), (byte) random.nextInt(256));
            }
            bytes.limit(random.nextInt(bytes.limit() + 1));
            long size = random.nextLong() >>> random.nextInt(64);
            known += SafetensorsHeader.begins(bytes, size) ? 1 : 0;
            known += GgufHeader.begins(bytes, size) ? 1 : 0;
            byte[] json = new byte[bytes.remaining()];
            bytes.get(json);
            assertEquals(List.of(), ShardIndex.shards(json), "seed " + seed);
        }
        assertTrue(known > 100, "seed " + seed);
    }

    @Test
    void anIndexNamesItsShardsOnceInOrder() {
        assertEquals(
                List.of("m-1.safetensors", "m-2.safetensors"),
                shards("{\"metadata\":{\"total_size\":123},\"weight_map\":{\"x\":\"m-2.safetensors\","
                        + "\"y\":\"m-1.safetensors\",\"z\":\"m-2.safetensors\"}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[1]",
                "{}",
                "{\"weight_map\":[]}",
                "{\"weight_map\":{\"x\":1}}",
                "{\"weight_map\":{\"x\":{}}}",
                "{\"weight_map\":{\"x\":\"../secret\"}}",
                "{\"weight_map\":{\"x\":\"a/b\"}}",
                "{\"weight_map\":{\"x\":\"..\"}}",
                "{\"weight_map\":{\"x\":\"\"}}",
                "{\"weight_map\":{\"x\":\"m\"",
                "{\"metadata\":{\"deep\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]},\"weight_map\":{\"x\":\"m\"}}",
            })
    void whatIsNoIndexNamesNothing(String json) {
        assertEquals(List.of(), shards(json), json);
    }

    @Test
    void anIndexBeyondTheBoundsNamesNothing() {
        StringBuilder many = new StringBuilder("{\"weight_map\":{\"first\":\"m\"");
        for (int shard = 0; shard <= ShardIndex.SHARDS_MAX; shard++) {
            many.append(",\"t").append(shard).append("\":\"s").append(shard).append('"');
        }
        assertEquals(List.of(), shards(many.append("}}").toString()));
        assertEquals(List.of(), shards("{\"weight_map\":{\"x\":\"" + "m".repeat(256) + "\"}}"));
        assertEquals(List.of(), shards("{\"weight_map\":{\"x\":\"" + "m".repeat(100_000) + "\"}}"));
    }

    @Test
    void randomDamageToAnIndexFailsNothing() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] good = "{\"metadata\":{\"total_size\":1},\"weight_map\":{\"x\":\"m-2\",\"y\":\"m-1\"}}"
                .getBytes(StandardCharsets.UTF_8);
        for (int plan = 0; plan < 20_000; plan++) {
            byte[] bytes = java.util.Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            for (String shard : ShardIndex.shards(bytes)) {
                assertFalse(shard.contains("/") || shard.isEmpty(), "seed " + seed + ": " + shard);
            }
        }
    }

    private static List<String> shards(String json) {
        return ShardIndex.shards(json.getBytes(StandardCharsets.UTF_8));
    }
}
