package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.SaveError;

/** The few calls of the C library that Java lacks. Thread-safe. */
public final class NativeCalls {
    /** umount2(2): abort what is in flight. */
    static final int MNT_FORCE = 1;

    /** umount2(2): take it from the tree now, end it when the last user lets go. */
    static final int MNT_DETACH = 2;

    /** umount2(2): do not follow a link. */
    static final int UMOUNT_NOFOLLOW = 8;

    static final int EPERM = 1;
    static final int EBUSY = 16;

    private final Libc libc;

    /** Signatures for jnr-ffi. */
    public interface Libc {
        @SaveError
        int umount2(String target, int flags);

        int getuid();

        int getgid();
    }

    public NativeCalls() {
        try {
            libc = LibraryLoader.create(Libc.class).failImmediately().load("c");
        } catch (UnsatisfiedLinkError e) {
            throw new HearthException(
                    FailureKind.UNAVAILABLE,
                    "jnr-ffi cannot load its native part: " + e.getMessage()
                            + " (with a read-only root set -Djffi.extract.dir to a folder where programs may run)",
                    e);
        }
    }

    /** 0, or the positive errno. */
    int umount(String target, int flags) {
        return libc.umount2(target, flags) == 0 ? 0 : LastError.getLastError(Runtime.getSystemRuntime());
    }

    public int uid() {
        return libc.getuid();
    }

    public int gid() {
        return libc.getgid();
    }
}
