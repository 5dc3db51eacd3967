package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.IgnoreError;
import jnr.ffi.annotations.SaveError;

/** What tiers call of the C library, for Java has no calls for it. Thread-safe. */
final class FileCalls {
    static final int EINTR = 4;
    static final int EINVAL = 22;

    /** {@code FALLOC_FL_KEEP_SIZE} of linux/falloc.h. */
    static final int KEEP_SIZE = 0x01;

    /** O_RDWR and O_CLOEXEC of Linux, on x86-64 and aarch64 alike. */
    private static final int READ_WRITE_CLOSE_ON_EXEC = 02 | 02000000;

    private static final int ENOENT = 2;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;

    private FileCalls() {}

    /** Addresses and sizes are 64-bit, as on every platform that jffi has for Linux. */
    public interface C {
        @SaveError
        int open(String path, int flags);

        @SaveError
        int fallocate(int descriptor, int mode, long offset, long length);

        /**
         * @param none 0: the function has six parameters, and jffi 1.3.13 passes rubbish as the sixth of six on x86-64
         */
        @SaveError
        long mmap(long address, long length, int protection, int flags, int descriptor, long offset, int none);

        @SaveError
        int madvise(long address, long length, int advice);

        @IgnoreError
        int munmap(long address, long length);

        @IgnoreError
        String strerror(int errno);

        @IgnoreError
        int close(int descriptor);
    }

    /** Loaded with the first call: a worker without memory tiers that never evicts by block needs no native code. */
    private static final class Library {
        private static final C CALLS = LibraryLoader.create(C.class).load("c");
        private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

        private Library() {}
    }

    /** What is done with an open file. */
    interface Work {
        void run(C calls, int descriptor) throws IOException;
    }

    /**
     * Opens an existing file for reading and writing, and closes it again. By path, as Java gives no descriptor's
     * number away; the caller sees to it that the path means the file.
     *
     * @throws UnsupportedOperationException where native code cannot be loaded
     */
    static void withFile(Path path, Work work) throws IOException {
        C calls = calls();
        int descriptor = calls.open(path.toString(), READ_WRITE_CLOSE_ON_EXEC);
        if (descriptor < 0) {
            throw failed(path);
        }
        try {
            work.run(calls, descriptor);
        } finally {
            calls.close(descriptor);
        }
    }

    private static C calls() {
        try {
            return Library.CALLS;
        } catch (LinkageError e) {
            throw new UnsupportedOperationException("native calls cannot be loaded: " + e, e);
        }
    }

    /** Of the calling thread's last call that failed. */
    static int errno() {
        return Library.RUNTIME.getLastError();
    }

    /** @throws UnsupportedOperationException if the last call failed because the file system has no such thing */
    static IOException failed(Path path) {
        int errno = errno();
        if (errno == EOPNOTSUPP || errno == ENOSYS) {
            throw new UnsupportedOperationException("its file system cannot do that with a part of a file");
        }
        return errno == ENOENT
                ? new NoSuchFileException(path.toString())
                : new IOException(path + ": " + Library.CALLS.strerror(errno));
    }
}
