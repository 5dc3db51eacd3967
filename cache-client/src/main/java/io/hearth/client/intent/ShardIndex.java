package io.hearth.client.intent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The shards of a model, of a {@code *.index.json} as Hugging Face's libraries write it: {@code weight_map} has the
 * name of a shard for each tensor. Streamed, so that the names of the shards alone take memory.
 */
final class ShardIndex {
    static final int SHARDS_MAX = 4096;
    private static final int TENSORS_MAX = 1 << 20;
    private static final int DEPTH_MAX = 16;
    private static final int TEXT_CHARS_MAX = 4096;
    private static final int NAME_BYTES_MAX = 255;
    private static final String WEIGHTS = "weight_map";

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxStringLength(TEXT_CHARS_MAX)
                    .maxNameLength(TEXT_CHARS_MAX)
                    .maxNumberLength(64)
                    .build())
            .build();

    private ShardIndex() {}

    /** The shards' names, in order, each once; none from what is no index, or beyond the bounds. Never fails. */
    static List<String> shards(byte[] json) {
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return List.of();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean weights = parser.currentName().equals(WEIGHTS);
                if (parser.nextToken() == JsonToken.START_OBJECT && weights) {
                    return weights(parser);
                }
                parser.skipChildren();
            }
            return List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<String> weights(JsonParser parser) throws IOException {
        Set<String> shards = new TreeSet<>();
        int tensors = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            tensors++;
            boolean text = parser.nextToken() == JsonToken.VALUE_STRING;
            if (tensors > TENSORS_MAX || !text || !fileName(parser.getText())) {
                return List.of();
            }
            shards.add(parser.getText());
            if (shards.size() > SHARDS_MAX) {
                return List.of();
            }
        }
        return List.copyOf(shards);
    }

    private static boolean fileName(String text) {
        return !text.isEmpty()
                && text.indexOf('/') < 0
                && text.indexOf('\0') < 0
                && !text.equals(".")
                && !text.equals("..")
                && text.getBytes(StandardCharsets.UTF_8).length <= NAME_BYTES_MAX;
    }
}
