package io.hearth.testing.trace;

/**
 * How much of a trace was found in a cache.
 *
 * @param ofRequests 0 to 1
 * @param ofBytes 0 to 1
 */
public record HitRatio(double ofRequests, double ofBytes) {
    /** Counts the accesses of one trace. */
    static final class Count {
        private long requests;
        private long requestsHit;
        private long bytes;
        private long bytesHit;

        void add(long sizeBytes, boolean hit) {
            requests++;
            bytes += sizeBytes;
            if (hit) {
                requestsHit++;
                bytesHit += sizeBytes;
            }
        }

        HitRatio ratio() {
            return new HitRatio((double) requestsHit / Math.max(1, requests), (double) bytesHit / Math.max(1, bytes));
        }
    }
}
