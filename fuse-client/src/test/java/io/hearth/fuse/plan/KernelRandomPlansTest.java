package io.hearth.fuse.plan;

import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.kernel.KernelTransport;

class KernelRandomPlansTest extends RandomPlans {
    @Override
    protected FuseTransport transport(MountMetrics metrics) {
        return new KernelTransport(metrics);
    }

    @Override
    protected int mounts() {
        return 4;
    }

    @Override
    protected boolean pathsKeepTheirObjects() {
        return false;
    }
}
