package io.hearth.fuse.tree;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.Arrays;

/** Byte strings one after another in one array; by number. Thread-safe once filled. */
final class TextColumn {
    private byte[] bytes = new byte[64];
    private int[] ends = new int[16];
    private int count;

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
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count + (count >> 1));
        }
        System.arraycopy(value, 0, bytes, start, value.length);
        ends[count++] = (int) end;
    }

    /** Gives back what growing left over. */
    TextColumn trim() {
        bytes = Arrays.copyOf(bytes, start(count));
        ends = Arrays.copyOf(ends, count);
        return this;
    }

    byte[] bytes(int index) {
        return Arrays.copyOfRange(bytes, start(index), ends[index]);
    }

    /** Compares string {@code index} with {@code other}, bytes unsigned. */
    int compare(int index, byte[] other) {
        return Arrays.compareUnsigned(bytes, start(index), ends[index], other, 0, other.length);
    }

    long sizeBytes() {
        return bytes.length + 4L * ends.length;
    }

    private int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }
}
