package io.hearth.launcher.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.hearth.protocol.api.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleModelTest {
    @TempDir
    Path directory;

    @Test
    void theSampleIsAModelThatALoaderCouldRead() throws Exception {
        new SampleModel().write(directory, 16 << 20);
        JsonNode index = Json.mapper()
                .readTree(directory.resolve("model.safetensors.index.json").toFile());
        assertEquals(36, index.get("weight_map").size());
        index.get("weight_map").properties().forEach(weight -> {
            JsonNode tensor =
                    header(directory.resolve(weight.getValue().asText())).get(weight.getKey());
            long bytes = tensor.get("shape").get(0).asLong()
                    * tensor.get("shape").get(1).asLong()
                    * 2;
            assertEquals(
                    bytes,
                    tensor.get("data_offsets").get(1).asLong()
                            - tensor.get("data_offsets").get(0).asLong());
        });
        try (Stream<Path> files = Files.walk(directory)) {
            long total = files.filter(Files::isRegularFile)
                    .mapToLong(SampleModelTest::size)
                    .sum();
            assertTrue(total > 15 << 20 && total <= 17 << 20, "16 MiB asked, " + total + " written");
        }
    }

    private static JsonNode header(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            int length =
                    (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
            JsonNode header = Json.mapper().readTree(new String(bytes, 8, length, StandardCharsets.UTF_8));
            long end = 0;
            for (JsonNode tensor : header) {
                end = Math.max(end, tensor.path("data_offsets").path(1).asLong());
            }
            assertEquals(bytes.length, 8 + length + end, "the tensors fill " + file.getFileName());
            return header;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        return file.toFile().length();
    }
}
