package io.hearth.client.intent;

import io.hearth.protocol.ObjectRef;
import java.nio.ByteBuffer;
import java.util.Locale;

/** Files of weights, by name and by first bytes. */
final class Weights {
    private static final String SAFETENSORS = ".safetensors";
    private static final String GGUF = ".gguf";

    private Weights() {}

    /** Whether the key ends like one. */
    static boolean named(String key) {
        String name = key.toLowerCase(Locale.ROOT);
        return name.endsWith(SAFETENSORS) || name.endsWith(GGUF);
    }

    /** Whether an object of such a name begins like one. */
    static boolean begin(ObjectRef object, ByteBuffer prefix) {
        return object.key().toLowerCase(Locale.ROOT).endsWith(GGUF)
                ? GgufHeader.begins(prefix, object.sizeBytes())
                : SafetensorsHeader.begins(prefix, object.sizeBytes());
    }
}
