package io.hearth.protocol.generation;

/**
 * Natural merge sort of ranges of numbers (Knuth, volume 3, 5.2.4): what comes as a few ascending runs, as keys from a
 * listing and children of a directory do, costs one comparison each and a merge. Its own memory is that of the run on
 * the left. Stable; not thread-safe.
 */
public final class NumberSort {
    private final int[] numbers;
    private final Order order;
    private int[] left = new int[0];

    /** Less than 0, 0 or more, as {@link java.util.Comparator} says. */
    @FunctionalInterface
    public interface Order {
        int compare(int a, int b);
    }

    /** @param numbers of which ranges are to be sorted */
    public NumberSort(int[] numbers, Order order) {
        this.numbers = numbers;
        this.order = order;
    }

    /** Sorts the range from {@code from} to before {@code to}. */
    public void sort(int from, int to) {
        Numbers ends = new Numbers();
        for (int i = from + 1; i < to; i++) {
            if (order.compare(numbers[i - 1], numbers[i]) > 0) {
                ends.add(i);
            }
        }
        ends.add(to);
        while (ends.count() > 1) {
            ends = mergePairs(from, ends);
        }
    }

    /** Merges each two neighbouring runs; gives the ends of what came of them. */
    private Numbers mergePairs(int from, Numbers ends) {
        Numbers merged = new Numbers();
        int start = from;
        for (int run = 0; run < ends.count(); run += 2) {
            int end = ends.get(Math.min(run + 1, ends.count() - 1));
            merge(start, ends.get(run), end);
            merged.add(end);
            start = end;
        }
        return merged;
    }

    private void merge(int start, int middle, int end) {
        int length = middle - start;
        if (left.length < length) {
            left = new int[Math.max(length, 2 * left.length)];
        }
        System.arraycopy(numbers, start, left, 0, length);
        int from = 0;
        int right = middle;
        for (int to = start; from < length; to++) {
            boolean takeLeft = right == end || order.compare(left[from], numbers[right]) <= 0;
            numbers[to] = takeLeft ? left[from++] : numbers[right++];
        }
    }
}
