package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Byte strings one after another in one array; by number. Immutable once filled. */
final class TextColumn {
    private byte[] bytes = new byte[64];
    private final int[] ends;
    private int count;

    TextColumn(int capacity) {
        this.ends = new int[capacity];
    }

    /** Appends the next string. */
    void add(byte[] value) {
        int start = start(count);
        long end = (long) start + value.length;
        if (end > Integer.MAX_VALUE - 8) {
            throw new HearthException(
                    FailureKind.INVALID, "the names of this dataset take more than 2 GiB: split it into several");
        }
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, end + (end >> 1)));
        }
        System.arraycopy(value, 0, bytes, start, value.length);
        ends[count++] = (int) end;
    }

    /** Gives back what growing left over. */
    TextColumn trim() {
        bytes = Arrays.copyOf(bytes, start(count));
        return this;
    }

    byte[] bytes(int index) {
        return Arrays.copyOfRange(bytes, start(index), ends[index]);
    }

    String text(int index) {
        return new String(bytes, start(index), ends[index] - start(index), StandardCharsets.UTF_8);
    }

    /** Compares string {@code index} with {@code other}, bytes unsigned. */
    int compare(int index, byte[] other) {
        return Arrays.compareUnsigned(bytes, start(index), ends[index], other, 0, other.length);
    }

    long heapBytes() {
        return bytes.length + 4L * ends.length;
    }

    private int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }
}
