package io.hearth.protocol.generation;

import java.util.Arrays;

/** Whole numbers one after another, 4 to 6 bytes each. Not thread-safe. */
public final class Numbers {
    private int[] values = new int[64];
    private int count;

    public void add(int value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, count + (count >> 1));
        }
        values[count++] = value;
    }

    /** The one that was added last; there must be one. */
    public int last() {
        return values[count - 1];
    }

    public int get(int index) {
        return values[index];
    }

    public int count() {
        return count;
    }

    public int[] toArray() {
        return Arrays.copyOf(values, count);
    }
}
