package io.hearth.fuse.kernel.session;

import java.time.Duration;
import java.util.Optional;

/**
 * @param cacheFor how long the kernel may answer names, and attributes of directories, by itself
 * @param backgroundMax read-ahead requests in flight
 * @param threadsMax requests answered at once
 * @param requestBytesMax longest read
 * @param pageBytes of this machine
 * @param replyBytesMax memory for the bytes of long reads
 * @param passthroughWait how long an open may wait to learn whether the kernel can read the file itself; empty: it may
 *     not
 * @param uid owner of all that is shown
 * @param gid its group
 */
public record SessionOptions(
        Duration cacheFor,
        int backgroundMax,
        int threadsMax,
        int requestBytesMax,
        int pageBytes,
        long replyBytesMax,
        Optional<Duration> passthroughWait,
        int uid,
        int gid) {}
