package io.hearth.client.intent;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first bytes of a GGUF file: {@code GGUF}, a version, the numbers of tensors and of values, little-endian. Format:
 * github.com/ggml-org/ggml, docs/gguf.md.
 */
final class GgufHeader {
    private static final int MAGIC = 0x46554747;
    private static final int VERSION_MAX = 16;

    /** A name's length, one dimension, type and offset. */
    private static final int TENSOR_BYTES_MIN = 8 + 4 + 4 + 8;

    /** A key's length, a type, a byte. */
    private static final int VALUE_BYTES_MIN = 8 + 4 + 1;

    private GgufHeader() {}

    /**
     * Whether an object of that size, which has more than these first bytes, may be one. Moves no position; never
     * fails.
     */
    static boolean begins(ByteBuffer prefix, long objectBytes) {
        ByteBuffer bytes = prefix.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < 24 || bytes.getInt() != MAGIC) {
            return false;
        }
        int version = bytes.getInt();
        if (version < 1 || version > VERSION_MAX) {
            return false;
        }
        long tensors = version == 1 ? Integer.toUnsignedLong(bytes.getInt()) : bytes.getLong();
        long values = version == 1 ? Integer.toUnsignedLong(bytes.getInt()) : bytes.getLong();
        return tensors > 0
                && tensors <= objectBytes / TENSOR_BYTES_MIN
                && values >= 0
                && values <= objectBytes / VALUE_BYTES_MIN;
    }
}
