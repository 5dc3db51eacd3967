package io.hearth.fuse.kernel.wire;

/**
 * What a session runs under.
 *
 * @param flags bits of {@link InitFlag}
 * @param backgroundMax read-ahead requests in flight, to 65,535
 * @param congestionThreshold from how many on the kernel holds further ones back
 * @param maxWrite longest write; a request buffer must hold one
 * @param maxPages longest read, in pages of 4 KiB
 * @param extendedFlags bits of {@link InitFlag} that begin with EXT
 * @param stackDepthMax how many file systems may lie on each other below this one, with passthrough; else 0
 */
public record InitReply(
        int major,
        int minor,
        int maxReadAhead,
        int flags,
        int backgroundMax,
        int congestionThreshold,
        int maxWrite,
        int maxPages,
        int extendedFlags,
        int stackDepthMax) {}
