package io.hearth.client.local;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The read path's copy of the descriptor of this process's FUSE mount, which workers may borrow. A copy of its own,
 * because it is sent by an event loop, when the mount may have closed its own and the number may be another file's.
 * Thread-safe.
 */
final class DeviceCopy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceCopy.class);

    private Optional<FileDescriptor> descriptor = Optional.empty();
    private boolean closed;

    /**
     * Takes a copy if there is none yet.
     *
     * @throws HearthException if none can be had
     */
    synchronized void take(IntSupplier copy) {
        if (closed) {
            throw new HearthException(FailureKind.UNAVAILABLE, "the read path is closed");
        }
        if (descriptor.isEmpty()) {
            int number = copy.getAsInt();
            if (number < 0) {
                throw new HearthException(FailureKind.INTERNAL, "no copy of the FUSE device (errno " + -number + ")");
            }
            descriptor = Optional.of(new FileDescriptor(number));
        }
    }

    /** Empty if nobody needed it yet. */
    synchronized Optional<FileDescriptor> descriptor() {
        return descriptor;
    }

    /** When no event loop sends it any more. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            if (descriptor.isPresent()) {
                descriptor.get().close();
            }
        } catch (IOException e) {
            LOG.debug("the copy of the FUSE device: {}", e.toString());
        }
    }
}
