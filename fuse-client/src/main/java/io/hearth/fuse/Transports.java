package io.hearth.fuse;

import io.hearth.protocol.HearthException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transport that was asked for, or the best that works. */
final class Transports {
    private static final Logger LOG = LoggerFactory.getLogger(Transports.class);

    private final TransportChoice choice;
    private final Supplier<FuseTransport> kernel;
    private final Supplier<FuseTransport> jnrFuse;
    private final MountMetrics metrics;

    /** The suppliers throw {@link HearthException} where the machine lacks what the transport needs. */
    Transports(
            TransportChoice choice,
            Supplier<FuseTransport> kernel,
            Supplier<FuseTransport> jnrFuse,
            MountMetrics metrics) {
        this.choice = choice;
        this.kernel = kernel;
        this.jnrFuse = jnrFuse;
        this.metrics = metrics;
    }

    /**
     * Mounts, and returns when the mount answers.
     *
     * @param bound of the wait for that
     * @throws HearthException in one line; nothing is left mounted
     */
    MountedFileSystem mount(FuseFileSystem fileSystem, Path directory, FuseTransport.Options options, Duration bound) {
        if (choice != TransportChoice.AUTO) {
            return mount(choice == TransportChoice.KERNEL ? kernel : jnrFuse, fileSystem, directory, options, bound);
        }
        HearthException reason;
        try {
            return mount(kernel, fileSystem, directory, options, bound);
        } catch (HearthException e) {
            reason = e;
        }
        if (MountPoint.adopted(directory)) {
            throw reason;
        }
        try {
            MountedFileSystem mounted = mount(jnrFuse, fileSystem, directory, options, bound);
            LOG.warn("this mount is served by libfuse 2, which is slower: {}", reason.getMessage());
            return mounted;
        } catch (HearthException e) {
            throw new HearthException(e.kind(), reason.getMessage() + "; and by libfuse 2: " + e.getMessage(), e);
        }
    }

    private MountedFileSystem mount(
            Supplier<FuseTransport> transports,
            FuseFileSystem fileSystem,
            Path directory,
            FuseTransport.Options options,
            Duration bound) {
        FuseTransport transport = transports.get();
        MountedFileSystem mounted = transport.mount(fileSystem, directory, options);
        mounted.awaitReady(bound);
        metrics.transport(transport.name());
        return mounted;
    }
}
