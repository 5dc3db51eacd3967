package io.hearth.fuse.plan;

import static org.junit.jupiter.api.Assumptions.abort;

import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.jnr.JnrFuseTransport;
import io.hearth.protocol.HearthException;

class JnrFuseRandomPlansTest extends RandomPlans {
    @Override
    protected FuseTransport transport(MountMetrics metrics) {
        try {
            return new JnrFuseTransport(metrics, System::nanoTime);
        } catch (HearthException e) {
            return abort(e.getMessage());
        }
    }

    /** The first open of a new version waits, so many of them at once. */
    @Override
    protected int mounts() {
        return 12;
    }

    @Override
    protected boolean pathsKeepTheirObjects() {
        return true;
    }
}
