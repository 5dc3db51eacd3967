package io.hearth.cluster;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** How values stand in bytes. Must be stateless; a form that may change carries its own version. */
public interface Codec<V> {
    byte[] encode(V value);

    /** @throws io.hearth.protocol.HearthException if the bytes are of an unknown version or damaged */
    V decode(byte[] bytes);

    static <V> Codec<V> of(Function<V, byte[]> encode, Function<byte[], V> decode) {
        return new Codec<>() {
            @Override
            public byte[] encode(V value) {
                return encode.apply(value);
            }

            @Override
            public V decode(byte[] bytes) {
                return decode.apply(bytes);
            }
        };
    }

    /** Bytes as they are; not copied. */
    static Codec<byte[]> bytes() {
        return of(Function.identity(), Function.identity());
    }

    /** Texts in UTF-8. */
    static Codec<String> text() {
        return of(text -> text.getBytes(StandardCharsets.UTF_8), bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
