package io.hearth.fuse.plan;

import io.hearth.fuse.kernel.device.Libc;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.SaveError;

/**
 * What plans call of the C library beyond what a mount calls. Paths are addresses of bytes that end with 0: they need
 * not be text.
 */
public interface Syscalls extends Libc {
    int AT_FDCWD = -100;
    int AT_SYMLINK_NOFOLLOW = 0x100;
    int AT_EMPTY_PATH = 0x1000;

    /** Statx's basic attributes, and the time of birth. */
    int STATX_BASIC = 0x7ff;

    int STATX_BIRTH = 0x800;

    @SaveError
    int open(long path, int flags, int mode);

    @SaveError
    long pread(int descriptor, long address, long bytes, long offset);

    @SaveError
    long lseek(int descriptor, long offset, int whence);

    @SaveError
    int ftruncate(int descriptor, long bytes);

    @SaveError
    int fallocate(int descriptor, int mode, long offset, long bytes);

    @SaveError
    int fsync(int descriptor);

    int posix_fadvise(int descriptor, long offset, long bytes, int advice);

    @SaveError
    int statx(int directory, long path, int flags, int mask, long target);

    @SaveError
    int faccessat(int directory, long path, int mode, int flags);

    @SaveError
    long getxattr(long path, long name, long target, long bytes);

    @SaveError
    long listxattr(long path, long target, long bytes);

    @SaveError
    long readlink(long path, long target, long bytes);

    @SaveError
    int statfs(long path, long target);

    @SaveError
    long getdents64(int descriptor, long target, long bytes);

    @SaveError
    long mmap64(long at, long bytes, int protection, int flags, int descriptor, long offset, int none);

    @SaveError
    int munmap(long address, long bytes);

    @SaveError
    int unlink(long path);

    @SaveError
    int rmdir(long path);

    @SaveError
    int mkdir(long path, int mode);

    @SaveError
    int mkfifo(long path, int mode);

    @SaveError
    int symlink(long target, long path);

    @SaveError
    int link(long old, long path);

    @SaveError
    int rename(long old, long path);

    @SaveError
    int truncate(long path, long bytes);

    @SaveError
    int chmod(long path, int mode);

    @SaveError
    int chown(long path, int owner, int group);

    @SaveError
    int utimensat(int directory, long path, long times, int flags);

    @SaveError
    int setxattr(long path, long name, long value, long bytes, int flags);

    @SaveError
    int removexattr(long path, long name);

    /** The calls of this process. */
    static Syscalls load() {
        return LibraryLoader.create(Syscalls.class).failImmediately().load("c");
    }
}
