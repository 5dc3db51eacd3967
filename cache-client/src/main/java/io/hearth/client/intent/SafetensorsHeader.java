package io.hearth.client.intent;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first bytes of a file of safetensors: a header's length, 8 bytes little-endian, then that much JSON, an object of
 * objects. A prefix is looked at, however long the header says it is: nesting and characters, not names and values.
 * Format: github.com/huggingface/safetensors.
 */
final class SafetensorsHeader {
    /** The format's own bound. */
    private static final long HEADER_BYTES_MAX = 100_000_000;

    private static final int LENGTH_BYTES = 8;

    /** The header, a tensor, its shape. One more for what may come. */
    private static final int DEPTH_MAX = 4;

    private static final int VALUES_MAX = 1 << 16;

    private int depth;
    private int values;
    private boolean inString;
    private boolean escaped;

    private SafetensorsHeader() {}

    /**
     * Whether an object of that size, which has more than these first bytes, may be one. Moves no position; never
     * fails.
     */
    static boolean begins(ByteBuffer prefix, long objectBytes) {
        ByteBuffer bytes = prefix.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < LENGTH_BYTES + 2) {
            return false;
        }
        long headerBytes = bytes.getLong();
        if (headerBytes < 2 || headerBytes > HEADER_BYTES_MAX || headerBytes >= objectBytes - LENGTH_BYTES) {
            return false;
        }
        boolean whole = headerBytes <= bytes.remaining();
        bytes.limit(LENGTH_BYTES + (int) Math.min(headerBytes, bytes.remaining()));
        return bytes.get(LENGTH_BYTES) == '{' && new SafetensorsHeader().scan(bytes, whole);
    }

    private boolean scan(ByteBuffer bytes, boolean whole) {
        while (bytes.hasRemaining()) {
            int next = bytes.get() & 0xFF;
            boolean ended = depth == 0 && values > 0;
            if (ended ? next != ' ' : !(inString ? text(next) : symbol(next))) {
                return false;
            }
        }
        return !whole || depth == 0;
    }

    private boolean text(int next) {
        if (escaped) {
            escaped = false;
        } else if (next == '\\') {
            escaped = true;
        } else if (next == '"') {
            inString = false;
        }
        return next >= ' ';
    }

    private boolean symbol(int next) {
        switch (next) {
            case '"':
                inString = true;
                return true;
            case '{', '[':
                depth++;
                values++;
                return depth <= DEPTH_MAX && values <= VALUES_MAX;
            case '}', ']':
                depth--;
                return true;
            default:
                return next >= '0' && next <= '9' || next >= 'a' && next <= 'z' || " \t\r\n,:-+.E".indexOf(next) >= 0;
        }
    }
}
