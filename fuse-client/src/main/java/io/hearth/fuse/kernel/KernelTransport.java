package io.hearth.fuse.kernel;

import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.MountPoint;
import io.hearth.fuse.MountedFileSystem;
import io.hearth.fuse.kernel.device.DeviceMounts;
import io.hearth.fuse.kernel.device.FuseDevice;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.fuse.kernel.device.ReadWaker;
import io.hearth.fuse.kernel.session.KernelSession;
import io.hearth.fuse.kernel.session.SessionOptions;
import java.nio.file.Path;
import java.util.Optional;

/** Mounts by {@code mount(2)} or {@code fusermount}, or serves a descriptor that others mounted with. Thread-safe. */
public final class KernelTransport implements FuseTransport {
    private final MountMetrics metrics;
    private final Libc libc;

    /** @throws io.hearth.protocol.HearthException if jnr-ffi cannot load its native part */
    public KernelTransport(MountMetrics metrics) {
        this.metrics = metrics;
        this.libc = Libc.load();
    }

    @Override
    public String name() {
        return "kernel";
    }

    @Override
    public MountedFileSystem mount(FuseFileSystem fileSystem, Path directory, Options options) {
        DeviceMounts mounts = new DeviceMounts(libc);
        boolean adopted = MountPoint.adopted(directory);
        FuseDevice device = adopted
                ? mounts.adopt(MountPoint.descriptor(directory))
                : mounts.mount(directory, options.requestBytesMax(), options.allowOther(), options.stepBound());
        SessionOptions session = new SessionOptions(
                options.cacheFor(),
                options.backgroundMax(),
                options.requestsMax(),
                options.requestBytesMax(),
                libc.getpagesize(),
                options.replyBytesMax(),
                options.passthroughWait(),
                libc.getuid(),
                libc.getgid());
        KernelMount mount = new KernelMount(
                new KernelSession(device, new ReadWaker(libc), fileSystem, session, metrics),
                adopted ? Optional.empty() : Optional.of(directory),
                options);
        mount.start();
        return mount;
    }
}
