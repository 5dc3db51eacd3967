package io.hearth.fuse.kernel;

import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.FuseTransportContract;
import io.hearth.fuse.MountMetrics;

class KernelTransportTest extends FuseTransportContract {
    @Override
    protected FuseTransport transport(MountMetrics metrics) {
        return new KernelTransport(metrics);
    }

    @Override
    protected int requestBytes() {
        return 1 << 20;
    }
}
