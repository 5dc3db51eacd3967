package io.hearth.fuse.kernel.device;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A descriptor of {@code /dev/fuse} that belongs to a mount. Any number of threads may use it at once; a reply goes to
 * the descriptor that its request came from.
 */
public final class FuseDevice implements AutoCloseable {
    static final String PATH = "/dev/fuse";

    /** {@code open(2)}: read and write, not for child processes. */
    static final int O_RDWR_CLOEXEC = 02 | 02000000;

    /** {@code _IOR(229, 0, uint32_t)}: makes a fresh descriptor one more of the mount whose descriptor is given. */
    private static final long CLONE = 0x8004_E500L;

    /** {@code _IOW(229, 1, struct fuse_backing_map)}, which is descriptor, flags and 0; gives an id above 0. */
    private static final long BACKING_OPEN = 0x4010_E501L;

    /** {@code _IOW(229, 2, uint32_t)}. */
    private static final long BACKING_CLOSE = 0x4004_E502L;

    private static final int BACKING_MAP_BYTES = 16;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final short POLLIN = 1;

    private final Libc libc;
    private final int descriptor;
    private final boolean owned;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param owned whether {@link #close} closes the descriptor */
    FuseDevice(Libc libc, int descriptor, boolean owned) {
        this.libc = libc;
        this.descriptor = descriptor;
        this.owned = owned;
    }

    /**
     * A descriptor of its own for another thread, so that threads do not share one list of requests in flight; this
     * very one where the kernel (before 4.5) or a container that may not open the device does not let it.
     */
    public FuseDevice another() {
        int fresh = cloned();
        return fresh < 0 ? shared() : new FuseDevice(libc, fresh, true);
    }

    /** Negative where none is to be had. */
    private int cloned() {
        int fresh = libc.open(PATH, O_RDWR_CLOEXEC);
        if (fresh < 0) {
            return fresh;
        }
        NativeBuffer source = NativeBuffer.allocate(Integer.BYTES);
        source.bytes().putInt(0, descriptor);
        if (libc.ioctl(fresh, CLONE, source.address()) < 0) {
            libc.close(fresh);
            return -1;
        }
        return fresh;
    }

    /** This descriptor for another user, who does not close it. */
    public FuseDevice shared() {
        return new FuseDevice(libc, descriptor, false);
    }

    /**
     * Waits for a request; on a descriptor that does not block, {@code EAGAIN} comes once there may be one.
     *
     * @param into gets it whole, from 0 to the new limit; at least 8 KiB and 80 bytes more than the longest write
     * @return 0, or the errno
     */
    public int receive(NativeBuffer into) {
        into.bytes().clear();
        long read = libc.read(descriptor, into.address(), into.bytes().capacity());
        if (read < 0) {
            int errno = Errno.last();
            return errno == Errno.EAGAIN ? awaitRequest() : errno;
        }
        into.bytes().limit((int) read);
        return 0;
    }

    private int awaitRequest() {
        NativeBuffer asked = NativeBuffer.allocate(2 * Integer.BYTES);
        asked.bytes().putInt(0, descriptor).putShort(Integer.BYTES, POLLIN);
        libc.poll(asked.address(), 1, -1);
        return Errno.EAGAIN;
    }

    /**
     * Sends a message, from 0 to its limit, and after it {@code data} likewise, in one call.
     *
     * @param vectors of the calling thread
     * @return 0, or the errno
     */
    public int send(IoVectors vectors, NativeBuffer message, NativeBuffer data) {
        vectors.set(0, message.address(), message.bytes().limit());
        vectors.set(1, data.address(), data.bytes().limit());
        return libc.writev(descriptor, vectors.address(), 2) < 0 ? Errno.last() : 0;
    }

    /** Sends one message; see the other {@code send}. */
    public int send(IoVectors vectors, NativeBuffer message) {
        vectors.set(0, message.address(), message.bytes().limit());
        return libc.writev(descriptor, vectors.address(), 1) < 0 ? Errno.last() : 0;
    }

    /**
     * Has the kernel keep an open file, which it can be told to read itself.
     *
     * @return its id, above 0; or the errno, negative: {@code EPERM} without {@code CAP_SYS_ADMIN} in the first user
     *     namespace
     */
    public int keep(int file) {
        NativeBuffer map = NativeBuffer.allocate(BACKING_MAP_BYTES);
        map.bytes().putInt(0, file);
        int id = libc.ioctl(descriptor, BACKING_OPEN, map.address());
        return id < 0 ? -Errno.last() : id;
    }

    /** Ends {@link #keep}; files that are open with it stay so. */
    public void unkeep(int id) {
        NativeBuffer number = NativeBuffer.allocate(Integer.BYTES);
        number.bytes().putInt(0, id);
        libc.ioctl(descriptor, BACKING_CLOSE, number.address());
    }

    /**
     * A descriptor of this mount to be given away, which the caller closes; or the errno, negative. It shares nothing
     * with this one where that is to be had: who takes it may set flags, as Netty does, whose descriptors do not block,
     * and threads that wait here would find nothing again and again.
     */
    public int copy() {
        int fresh = cloned();
        if (fresh >= 0) {
            return fresh;
        }
        int copy = libc.fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
        return copy < 0 ? -Errno.last() : copy;
    }

    /** A pipe of its own for the calling thread, which closes it. */
    public ReplyPipe pipe(int dataBytesMax) {
        return new ReplyPipe(libc, dataBytesMax);
    }

    /**
     * Sends what a pipe holds, a whole message.
     *
     * @return 0, or the errno
     */
    public int send(ReplyPipe message) {
        return message.drainTo(descriptor);
    }

    /** A thread that waits in {@link #receive} is not woken, and holds the file until it is. */
    @Override
    public void close() {
        if (owned && closed.compareAndSet(false, true)) {
            libc.close(descriptor);
        }
    }

    /** {@code struct iovec[2]}, of one thread. */
    public static final class IoVectors {
        private static final int VECTOR_BYTES = 16;

        private final NativeBuffer memory = NativeBuffer.allocate(2 * VECTOR_BYTES);

        void set(int index, long address, long bytes) {
            ByteBuffer at = memory.bytes();
            at.putLong(index * VECTOR_BYTES, address);
            at.putLong(index * VECTOR_BYTES + Long.BYTES, bytes);
        }

        long address() {
            return memory.address();
        }
    }
}
