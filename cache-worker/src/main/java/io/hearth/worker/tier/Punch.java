package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.IgnoreError;
import jnr.ffi.annotations.SaveError;

/**
 * Frees a part of a file by {@code fallocate(2)} with FALLOC_FL_PUNCH_HOLE, which Java has no call for. By path, as Java gives no
 * descriptor's number away; the caller sees to it that the path means the file.
 */
final class Punch {
    /** FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE of linux/falloc.h. */
    private static final int KEEP_SIZE_PUNCH_HOLE = 0x01 | 0x02;

    /** O_RDWR and O_CLOEXEC of Linux, on x86-64 and aarch64 alike. */
    private static final int READ_WRITE_CLOSE_ON_EXEC = 02 | 02000000;

    private static final int ENOENT = 2;
    private static final int EINTR = 4;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;

    private Punch() {}

    /** What is called of the C library. */
    public interface C {
        @SaveError
        int open(String path, int flags);

        @SaveError
        int fallocate(int descriptor, int mode, long offset, long length);

        @IgnoreError
        String strerror(int errno);

        @IgnoreError
        int close(int descriptor);
    }

    /** Loaded with the first hole: a worker that never evicts by block needs no native code. */
    private static final class Library {
        private static final C CALLS = LibraryLoader.create(C.class).load("c");
        private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

        private Library() {}
    }

    /** @throws UnsupportedOperationException where the file system has no holes, or native code cannot be loaded */
    static void hole(Path path, long offset, long length) throws IOException {
        C calls = calls();
        int descriptor = calls.open(path.toString(), READ_WRITE_CLOSE_ON_EXEC);
        if (descriptor < 0) {
            throw failed(path);
        }
        try {
            int result;
            do {
                result = calls.fallocate(descriptor, KEEP_SIZE_PUNCH_HOLE, offset, length);
            } while (result < 0 && errno() == EINTR);
            if (result < 0) {
                throw failed(path);
            }
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

    private static int errno() {
        return Library.RUNTIME.getLastError();
    }

    private static IOException failed(Path path) {
        int errno = errno();
        if (errno == EOPNOTSUPP || errno == ENOSYS) {
            throw new UnsupportedOperationException("its file system cannot free a part of a file");
        }
        return errno == ENOENT
                ? new NoSuchFileException(path.toString())
                : new IOException(path + ": " + Library.CALLS.strerror(errno));
    }
}
