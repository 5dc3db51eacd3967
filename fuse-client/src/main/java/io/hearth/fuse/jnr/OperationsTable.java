package io.hearth.fuse.jnr;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * {@code struct fuse_operations} of libfuse 2.9 with our callbacks in it. Keep it reachable as long as the mount lives:
 * it holds the callbacks.
 */
final class OperationsTable {
    /** Offsets of the members: function pointers of 8 bytes in the order of fuse.h. */
    static final int GETATTR = 0;

    static final int OPEN = 112;
    static final int READ = 120;
    static final int STATFS = 136;
    static final int RELEASE = 152;
    static final int OPENDIR = 200;
    static final int READDIR = 208;
    static final int RELEASEDIR = 216;
    static final int INIT = 232;
    static final int FGETATTR = 272;

    /** mknod, mkdir, unlink, rmdir, symlink, rename, link, chmod, chown, truncate, write, setxattr, removexattr, create,
     * ftruncate, utimens, fallocate: all that would change the tree. */
    static final int[] CHANGES = {24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 128, 168, 192, 256, 264, 288, 352};

    /** The bit-field {@code flag_nullpath_ok:1, flag_nopath:1}: calls on handles come without a path, and so without
     * libfuse's lock on its path table. */
    private static final int FLAGS = 304;

    private static final int NULLPATH_OK_AND_NOPATH = 0b11;

    private final Runtime runtime = Runtime.getSystemRuntime();
    private final FuseOperations operations = new FuseOperations(runtime);
    private final Pointer memory;
    private final List<Object> callbacks = new ArrayList<>();

    OperationsTable() {
        memory = Memory.allocateDirect(runtime, Struct.size(operations), true);
        operations.useMemory(memory);
        memory.putInt(FLAGS, NULLPATH_OK_AND_NOPATH);
    }

    <T> OperationsTable set(int offset, Class<T> shape, T callback) {
        callbacks.add(callback);
        memory.putPointer(offset, runtime.getClosureManager().getClosurePointer(shape, callback));
        return this;
    }

    Pointer memory() {
        return memory;
    }

    int sizeBytes() {
        return Struct.size(operations);
    }
}
