package io.hearth.worker.net;

import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;

/**
 * Counts a file region by its bytes; Netty's own counts it as nothing, and a connection would never be "not writable".
 */
final class RegionSizeEstimator implements MessageSizeEstimator {
    private final Handle others = DefaultMessageSizeEstimator.DEFAULT.newHandle();

    @Override
    public Handle newHandle() {
        return message -> message instanceof FileRegion region ? Math.toIntExact(region.count()) : others.size(message);
    }
}
