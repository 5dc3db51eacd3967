package io.hearth.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Names between C and Java, always in UTF-8, whatever the platform's charset is. */
final class NativeNames {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private NativeNames() {}

    /** The string at {@code address}; empty if it is no UTF-8, which no name of a generation is. */
    static Optional<String> read(long address) {
        byte[] bytes = MEMORY.getZeroTerminatedByteArray(address);
        for (byte value : bytes) {
            if (value < 0) {
                return decode(bytes);
            }
        }
        return Optional.of(new String(bytes, StandardCharsets.US_ASCII));
    }

    private static Optional<String> decode(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
