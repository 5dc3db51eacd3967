package io.hearth.fuse.kernel.device;

import jnr.ffi.LastError;
import jnr.ffi.Runtime;

/** Linux errnos that decide something here. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int ENODEV = 19;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int ENOSYS = 38;
    public static final int ELOOP = 40;
    public static final int EPROTO = 71;
    public static final int EOPNOTSUPP = 95;
    public static final int ECONNABORTED = 103;

    private Errno() {}

    /** That of the calling thread's last failed call. */
    static int last() {
        return LastError.getLastError(Runtime.getSystemRuntime());
    }
}
