package io.hearth.worker.descriptor;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.IgnoreError;
import jnr.ffi.annotations.SaveError;

/** What is called of the C library here; callers bear a {@link LinkageError} where it cannot be loaded. Thread-safe. */
final class KernelCalls {
    private KernelCalls() {}

    /** Addresses and sizes are 64-bit, as on every platform that jffi has for Linux. */
    public interface C {
        @SaveError
        int ioctl(int descriptor, long request, Pointer argument);

        /**
         * The calls on mounts, by number, for glibc has them by name from 2.36 on. One that takes less ignores the rest.
         *
         * @param none 0: the function has six parameters, and jffi 1.3.13 passes rubbish as the sixth of six on x86-64
         */
        @SaveError
        long syscall(
                long number,
                long directory,
                String path,
                long flags,
                Pointer attributes,
                long attributesBytes,
                int none);

        @SaveError
        int getsockopt(int socket, int level, int name, Pointer value, Pointer valueBytes);

        @SaveError
        int poll(Pointer descriptors, long count, int timeoutMs);

        @IgnoreError
        String strerror(int errno);

        @IgnoreError
        int close(int descriptor);
    }

    /** Loaded with the first call: a worker that may not ask the kernel needs no native code for it. */
    private static final class Library {
        private static final C CALLS = LibraryLoader.create(C.class).load("c");
        private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

        private Library() {}
    }

    static C c() {
        return Library.CALLS;
    }

    static Runtime runtime() {
        return Library.RUNTIME;
    }

    /** Of the calling thread's last call that failed. */
    static int errno() {
        return Library.RUNTIME.getLastError();
    }
}
