package io.hearth.fuse.jnr;

import jnr.ffi.Pointer;
import jnr.ffi.byref.IntByReference;
import jnr.ffi.byref.PointerByReference;
import jnr.ffi.types.size_t;

/** What we call of libfuse 2.9: the parts of {@code fuse_main}, for a loop on threads of ours. Public for jnr-ffi. */
public interface LibFuse2 {
    /** Mounts; null where it cannot. Its word on that goes to stderr. */
    Pointer fuse_setup(
            int argumentCount,
            String[] arguments,
            Pointer operations,
            @size_t long operationsBytes,
            PointerByReference mountPoint,
            IntByReference multithreaded,
            Pointer userData);

    Pointer fuse_get_session(Pointer fuse);

    /** Serves requests on the calling thread until the mount has ended; several threads may do so at once. */
    int fuse_session_loop(Pointer session);

    /** Frees everything; no thread may be in {@link #fuse_session_loop}. */
    void fuse_teardown(Pointer fuse, Pointer mountPoint);
}
