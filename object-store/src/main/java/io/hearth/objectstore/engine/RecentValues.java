package io.hearth.objectstore.engine;

import java.util.Arrays;

/** The last values of something, and where their parts lie. Thread-safe. */
final class RecentValues {
    private final double[] values;
    private int count;
    private int next;

    RecentValues(int kept) {
        values = new double[kept];
    }

    synchronized void add(double value) {
        values[next] = value;
        next = (next + 1) % values.length;
        count = Math.min(count + 1, values.length);
    }

    synchronized int count() {
        return count;
    }

    /** The value that {@code share} of them do not exceed, 0 to 1; 0 if there is none. */
    synchronized double quantile(double share) {
        if (count == 0) {
            return 0;
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(count - 1, Math.floor(share * count))];
    }
}
