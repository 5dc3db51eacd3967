package io.hearth.worker.swarm.sim;

import java.util.Arrays;

/** Events in the order of their times, and of their making where these are equal: a heap of primitives. */
final class Timeline {
    /** What is to happen at a node. */
    enum Kind {
        TICK,
        ASK,
        OFFER,
        DECLINE,
        REQUEST,
        CANCEL,
        REFUSED,
        LACKED,
        LEAVE,
        CHUNK,
        GIVEN_UP,
        ANNOUNCE,
        SNAPSHOT,
        ASK_SNAPSHOT,
        URGE,
        CLAIM,
        ORIGIN,
        KILL,
        PAUSE,
        RESUME,
        START
    }

    /** Takes one event. */
    interface Handler {
        void on(Kind kind, int node, int from, int number, Object told);
    }

    private static final Kind[] KINDS = Kind.values();

    private long[] times = new long[1024];
    private long[] made = new long[1024];
    private int[] heap = new int[1024];
    private byte[] kinds = new byte[1024];
    private int[] nodes = new int[1024];
    private int[] froms = new int[1024];
    private int[] numbers = new int[1024];
    private Object[] tolds = new Object[1024];
    private int[] free = new int[1024];
    private int freeCount;
    private int size;
    private int slots;
    private long now;
    private long count;

    /** Nanoseconds since the beginning. */
    long now() {
        return now;
    }

    /** Events so far. */
    long count() {
        return count;
    }

    void at(long time, Kind kind, int node, int from, int number, Object told) {
        if (freeCount == 0 && slots == times.length) {
            grow();
        }
        int slot = freeCount > 0 ? free[--freeCount] : slots++;
        times[slot] = Math.max(now, time);
        made[slot] = count++;
        kinds[slot] = (byte) kind.ordinal();
        nodes[slot] = node;
        froms[slot] = from;
        numbers[slot] = number;
        tolds[slot] = told;
        up(size++, slot);
    }

    /** Takes the next event; false if there is none. */
    boolean step(Handler handler) {
        if (size == 0) {
            return false;
        }
        int slot = heap[0];
        int last = heap[--size];
        if (size > 0) {
            down(last);
        }
        now = times[slot];
        Object told = tolds[slot];
        tolds[slot] = null;
        free[freeCount++] = slot;
        handler.on(KINDS[kinds[slot]], nodes[slot], froms[slot], numbers[slot], told);
        return true;
    }

    private boolean before(int one, int other) {
        return times[one] < times[other] || times[one] == times[other] && made[one] < made[other];
    }

    private void up(int from, int slot) {
        int at = from;
        while (at > 0 && before(slot, heap[(at - 1) >> 2])) {
            heap[at] = heap[(at - 1) >> 2];
            at = (at - 1) >> 2;
        }
        heap[at] = slot;
    }

    private void down(int slot) {
        int at = 0;
        while (4 * at + 1 < size) {
            int least = 4 * at + 1;
            for (int child = least + 1; child < Math.min(size, 4 * at + 5); child++) {
                least = before(heap[child], heap[least]) ? child : least;
            }
            if (!before(heap[least], slot)) {
                break;
            }
            heap[at] = heap[least];
            at = least;
        }
        heap[at] = slot;
    }

    private void grow() {
        int more = 2 * times.length;
        times = Arrays.copyOf(times, more);
        made = Arrays.copyOf(made, more);
        heap = Arrays.copyOf(heap, more);
        kinds = Arrays.copyOf(kinds, more);
        nodes = Arrays.copyOf(nodes, more);
        froms = Arrays.copyOf(froms, more);
        numbers = Arrays.copyOf(numbers, more);
        tolds = Arrays.copyOf(tolds, more);
        free = Arrays.copyOf(free, more);
    }
}
