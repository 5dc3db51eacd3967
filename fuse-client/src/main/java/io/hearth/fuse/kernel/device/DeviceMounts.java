package io.hearth.fuse.kernel.device;

import io.hearth.fuse.FuseConf;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.file.Path;
import java.time.Duration;

/** Connects this process to a mount. Thread-safe. */
public final class DeviceMounts {
    /** {@code mount(2)}: read-only, no set-user-id programs, no devices. */
    private static final long MS_RDONLY_NOSUID_NODEV = 1 | 2 | 4;

    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;

    private final Libc libc;

    public DeviceMounts(Libc libc) {
        this.libc = libc;
    }

    /**
     * Takes over a descriptor of a mount that nobody has served yet, or whose server is gone.
     *
     * @throws HearthException if there is no such descriptor
     */
    public FuseDevice adopt(int descriptor) {
        int flags = libc.fcntl(descriptor, F_GETFD, 0);
        if (flags < 0) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "there is no descriptor " + descriptor + ": mount with fd=" + descriptor
                            + " and leave it open for this process");
        }
        libc.fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
        return new FuseDevice(libc, descriptor, true);
    }

    /**
     * Mounts on {@code directory}.
     *
     * @param requestBytesMax longest read that the kernel may ask for
     * @param bound of the help of {@code fusermount}
     * @throws HearthException in one line, if this process can mount in no way
     */
    public FuseDevice mount(Path directory, int requestBytesMax, boolean allowOther, Duration bound) {
        int device = libc.open(FuseDevice.PATH, FuseDevice.O_RDWR_CLOEXEC);
        int errno = device < 0 ? Errno.last() : 0;
        if (errno == 0) {
            String options = "fd=" + device + ",rootmode=40000,user_id=" + libc.getuid() + ",group_id=" + libc.getgid()
                    + shared(requestBytesMax, allowOther);
            if (libc.mount("hearth", directory.toString(), "fuse.hearth", MS_RDONLY_NOSUID_NODEV, options) == 0) {
                return new FuseDevice(libc, device, true);
            }
            errno = Errno.last();
            libc.close(device);
        }
        if (errno != Errno.EPERM && errno != Errno.EACCES) {
            throw new HearthException(
                    FailureKind.INTERNAL, "the kernel does not mount on " + directory + " (errno " + errno + ")");
        }
        return byFusermount(directory, requestBytesMax, allowOther, bound);
    }

    /** Mounts with the help of {@code fusermount}, as {@link #mount} does where this process may not itself. */
    public FuseDevice byFusermount(Path directory, int requestBytesMax, boolean allowOther, Duration bound) {
        boolean others = allowOther && (libc.getuid() == 0 || FuseConf.usersMayAllowOthers());
        String options = "ro,nosuid,nodev,fsname=hearth,subtype=hearth" + shared(requestBytesMax, others);
        return adopt(new Fusermount(libc).mount(directory, options, bound));
    }

    private static String shared(int requestBytesMax, boolean allowOther) {
        return ",default_permissions,max_read=" + requestBytesMax + (allowOther ? ",allow_other" : "");
    }
}
