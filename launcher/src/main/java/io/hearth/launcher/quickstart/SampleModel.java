package io.hearth.launcher.quickstart;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hearth.protocol.api.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * Writes a model as people publish them: one multi-tensor {@code .safetensors} file, a sharded one with its index, and
 * a folder of small files. The bytes are pseudo-random from a fixed seed, so that nothing compresses them away.
 */
public final class SampleModel {
    /** Smallest sample: below it the shards would hold no tensor of use. */
    public static final long BYTES_MIN = 8L << 20;

    private static final int SHARDS = 3;
    private static final int SMALL_FILES = 64;
    private static final int SMALL_FILE_BYTES = 16 << 10;
    private static final int TENSORS = 12;
    private static final int COLUMNS = 1024;
    private static final int ROW_BYTES = COLUMNS * 2;
    private static final int WRITE_BYTES = 1 << 20;

    private final SplittableRandom random = new SplittableRandom(20261121);

    /** Writes about {@code bytes} below {@code directory}. */
    public void write(Path directory, long bytes) throws IOException {
        Files.createDirectories(directory.resolve("tokenizer"));
        long small = (long) SMALL_FILES * SMALL_FILE_BYTES;
        for (int i = 0; i < SMALL_FILES; i++) {
            Path file = directory.resolve("tokenizer").resolve(String.format("part-%02d.bin", i));
            byte[] content = new byte[SMALL_FILE_BYTES - i];
            random.nextBytes(content);
            Files.write(file, content);
        }
        long each = (bytes - small) / (SHARDS + 1);
        writeTensors(directory.resolve("adapter.safetensors"), "adapter", each);
        ObjectNode index = Json.mapper().createObjectNode();
        index.putObject("metadata").put("total_size", each * SHARDS);
        ObjectNode weights = index.putObject("weight_map");
        for (int shard = 1; shard <= SHARDS; shard++) {
            String name = String.format("model-%05d-of-%05d.safetensors", shard, SHARDS);
            String prefix = "model.layers." + (shard - 1);
            writeTensors(directory.resolve(name), prefix, each);
            for (int tensor = 0; tensor < TENSORS; tensor++) {
                weights.put(tensorName(prefix, tensor), name);
            }
        }
        Files.write(
                directory.resolve("model.safetensors.index.json"),
                Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(index));
        Files.writeString(
                directory.resolve("config.json"), "{\"architectures\": [\"HearthSample\"], \"dtype\": \"bfloat16\"}\n");
    }

    private static String tensorName(String prefix, int tensor) {
        return prefix + ".block." + tensor + ".weight";
    }

    /** The format: 8 bytes of header length, little-endian; the header as JSON; the tensors' bytes. */
    private void writeTensors(Path file, String prefix, long bytes) throws IOException {
        long rows = Math.max(1, bytes / TENSORS / ROW_BYTES);
        long tensorBytes = rows * ROW_BYTES;
        ObjectNode header = Json.mapper().createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        for (int tensor = 0; tensor < TENSORS; tensor++) {
            ObjectNode entry = header.putObject(tensorName(prefix, tensor));
            entry.put("dtype", "BF16");
            entry.putArray("shape").add(rows).add(COLUMNS);
            entry.putArray("data_offsets").add(tensor * tensorBytes).add((tensor + 1) * tensorBytes);
        }
        String json = Json.mapper().writeValueAsString(header);
        byte[] padded = (json + " ".repeat((8 - json.length() % 8) % 8)).getBytes(StandardCharsets.UTF_8);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, padded.length);
            writeFully(out, length);
            writeFully(out, ByteBuffer.wrap(padded));
            byte[] buffer = new byte[WRITE_BYTES];
            for (long left = tensorBytes * TENSORS; left > 0; left -= Math.min(left, buffer.length)) {
                random.nextBytes(buffer);
                writeFully(out, ByteBuffer.wrap(buffer, 0, (int) Math.min(left, buffer.length)));
            }
        }
    }

    private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
