package io.hearth.fuse.kernel.device;

import io.hearth.protocol.HearthException;
import jnr.ffi.annotations.SaveError;

/** What we call of the C library. Addresses and sizes are 64-bit, as on every platform that jffi has for Linux. */
public interface Libc {
    @SaveError
    int open(String path, int flags);

    @SaveError
    int close(int descriptor);

    @SaveError
    long read(int descriptor, long address, long bytes);

    @SaveError
    long writev(int descriptor, long vectors, int count);

    @SaveError
    long write(int descriptor, long address, long bytes);

    @SaveError
    int pipe2(long descriptors, int flags);

    /**
     * @param none 0: the function has six parameters, but where jffi calls one with six on x86-64 it passes rubbish as
     *     the sixth (1.3.13); a seventh, which nobody reads, has it take another way
     */
    @SaveError
    long splice(int from, long fromOffset, int to, long toOffset, long bytes, int flags, int none);

    @SaveError
    int ioctl(int descriptor, long request, long address);

    @SaveError
    int fcntl(int descriptor, int command, int value);

    @SaveError
    int poll(long descriptors, long count, int timeoutMs);

    @SaveError
    int mount(String source, String target, String type, long flags, String options);

    @SaveError
    int sigaction(int signal, long action, long old);

    @SaveError
    int tgkill(int process, int thread, int signal);

    int getpid();

    int gettid();

    int getuid();

    int getgid();

    int getpagesize();

    /**
     * The calls of this process; the first caller waits until they are loaded, some 0.1 s. Thread-safe.
     *
     * @throws HearthException if jnr-ffi cannot load its native part
     */
    static Libc load() {
        return LoadedLibc.calls();
    }
}
