package io.hearth.worker.tier;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import java.util.List;
import java.util.Locale;

/** Tells files of model weights by their names. A smaller one than a block is fetched again by one request. */
final class WeightFiles {
    private static final List<String> SUFFIXES =
            List.of(".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".onnx");

    private WeightFiles() {}

    static boolean isOne(ObjectRef object) {
        String key = object.key();
        String end = key.substring(Math.max(0, key.length() - 16)).toLowerCase(Locale.ROOT);
        return object.sizeBytes() >= Geometry.BLOCK_BYTES && SUFFIXES.stream().anyMatch(end::endsWith);
    }
}
