package io.hearth.fuse.jnr;

import static org.junit.jupiter.api.Assumptions.abort;

import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.FuseTransportContract;
import io.hearth.fuse.MountMetrics;
import io.hearth.protocol.HearthException;

class JnrFuseTransportTest extends FuseTransportContract {
    @Override
    protected FuseTransport transport(MountMetrics metrics) {
        try {
            return new JnrFuseTransport(metrics, System::nanoTime);
        } catch (HearthException e) {
            return abort(e.getMessage());
        }
    }

    @Override
    protected int requestBytes() {
        return 128 << 10;
    }
}
