package io.hearth.fuse.kernel.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Messages as C lays them out. */
final class Golden {
    static final long UNIQUE = 0x1122334455667788L;

    private static final Map<String, byte[]> MESSAGES = load();

    private Golden() {}

    static Map<String, byte[]> all() {
        return MESSAGES;
    }

    static byte[] bytes(String name) {
        return MESSAGES.get(name).clone();
    }

    static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** From 0 to the limit, in hexadecimal. */
    static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.limit()];
        buffer.get(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static Map<String, byte[]> load() {
        try (InputStream in = Golden.class.getResourceAsStream("golden.txt")) {
            Map<String, byte[]> messages = new LinkedHashMap<>();
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .forEach(fields -> messages.put(fields[0], HexFormat.of().parseHex(fields[1])));
            return messages;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
