package io.hearth.worker.swarm.sim;

import io.hearth.protocol.Geometry;
import java.util.ArrayList;
import java.util.List;

/**
 * An origin of a rate in all, and of one for each connection, that begins to send after a while. Its connections share
 * its rate max-min fairly, each no faster than its node's link allows, as TCP connections do over some time.
 */
final class SimOrigin {
    private final double rate;
    private final double connectionRate;
    private final long firstByteNanos;
    private final Timeline timeline;
    private final List<Get> gets = new ArrayList<>();
    private long updatedNanos;
    private long generation;
    private long chunksSent;

    /** A request for a run of chunks. */
    private static final class Get {
        private final SimNode node;
        private final int end;
        private final long beginsNanos;
        private final boolean[] leftOut;
        private int chunk;
        private double left;
        private double rate;
        private boolean settled;

        Get(SimNode node, int chunk, int count, long beginsNanos) {
            this.node = node;
            this.chunk = chunk;
            this.end = chunk + count;
            this.beginsNanos = beginsNanos;
            this.leftOut = new boolean[count];
            this.left = Geometry.CHUNK_BYTES;
        }

        boolean skip() {
            int first = end - leftOut.length;
            while (chunk < end && leftOut[chunk - first]) {
                chunk++;
            }
            return chunk == end;
        }
    }

    /** Rates in bytes a nanosecond. */
    SimOrigin(double rate, double connectionRate, long firstByteNanos, Timeline timeline) {
        this.rate = rate;
        this.connectionRate = connectionRate;
        this.firstByteNanos = firstByteNanos;
        this.timeline = timeline;
    }

    long chunksSent() {
        return chunksSent;
    }

    void get(SimNode node, int chunk, int count) {
        advance();
        gets.add(new Get(node, chunk, count, timeline.now() + firstByteNanos));
        share();
    }

    /** Leaves a chunk out that has not begun. */
    void leaveOut(SimNode node, int chunk) {
        for (Get get : gets) {
            if (get.node == node && get.chunk < chunk && chunk < get.end) {
                get.leftOut[chunk - (get.end - get.leftOut.length)] = true;
            }
        }
    }

    /** Ends what a node asked. */
    void forget(SimNode node) {
        advance();
        gets.removeIf(get -> get.node == node);
        share();
    }

    /** Something may have come, or begun. */
    void wake(long forGeneration) {
        if (forGeneration == generation) {
            advance();
            share();
        }
    }

    private void advance() {
        long now = timeline.now();
        for (Get get : gets) {
            get.left -= get.rate * (now - updatedNanos);
        }
        updatedNanos = now;
        for (int i = gets.size() - 1; i >= 0; i--) {
            Get get = gets.get(i);
            if (get.left <= 0.5) {
                chunksSent++;
                get.node.fromOrigin(get.chunk++);
                get.left = Geometry.CHUNK_BYTES;
                if (get.skip()) {
                    gets.remove(i);
                }
            }
        }
    }

    private void share() {
        long now = timeline.now();
        double left = rate;
        int count = 0;
        for (Get get : gets) {
            get.rate = 0;
            get.settled = get.beginsNanos > now;
            count += get.settled ? 0 : 1;
        }
        boolean changed = true;
        while (changed && count > 0) {
            changed = false;
            double each = left / count;
            for (Get get : gets) {
                double most = Math.min(connectionRate, get.node.originRate());
                if (!get.settled && most < each) {
                    get.settled = true;
                    get.rate = most;
                    left -= most;
                    count--;
                    changed = true;
                }
            }
        }
        long next = Long.MAX_VALUE;
        for (Get get : gets) {
            get.rate = get.settled ? get.rate : left / count;
            next = Math.min(
                    next, get.beginsNanos > now ? get.beginsNanos : now + 1 + (long) Math.ceil(get.left / get.rate));
        }
        generation++;
        if (next < Long.MAX_VALUE) {
            timeline.at(next, Timeline.Kind.ORIGIN, 0, 0, (int) generation, null);
        }
    }
}
