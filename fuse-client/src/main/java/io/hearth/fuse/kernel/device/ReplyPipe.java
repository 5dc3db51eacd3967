package io.hearth.fuse.kernel.device;

/**
 * A reply whose bytes go from a file to the device by {@code splice(2)}, never through this process: the kernel copies
 * them once, from the file's pages into those of the reader. Made when first used; what is left in it after a failure
 * is thrown away with it. For one thread.
 */
public final class ReplyPipe implements AutoCloseable {
    private static final int NONE = -1;
    private static final int O_CLOEXEC = 02000000;
    private static final int F_SETPIPE_SZ = 1031;

    /** Rather fail than wait for room that nobody makes. */
    private static final int SPLICE_F_NONBLOCK = 2;

    private final Libc libc;
    private final int pageBytes;
    private final int pipeBytes;
    private final NativeBuffer ends = NativeBuffer.allocate(2 * Integer.BYTES);
    private final NativeBuffer position = NativeBuffer.allocate(Long.BYTES);
    private int out = NONE;
    private int in = NONE;
    private int heldBytes;
    private boolean useless;

    /** @param dataBytesMax most bytes of a file in one reply */
    ReplyPipe(Libc libc, int dataBytesMax) {
        this.libc = libc;
        this.pageBytes = libc.getpagesize();
        // A buffer for the header, and one more where the bytes begin within a page.
        this.pipeBytes = Math.addExact(dataBytesMax, 2 * pageBytes);
    }

    /**
     * Puts a header and bytes of a file into the empty pipe.
     *
     * @param header from 0 to its limit
     * @return whether all are in; if not, it is empty
     */
    public boolean fill(NativeBuffer header, int file, long offset, int length) {
        if (length > pipeBytes - 2 * pageBytes || !open()) {
            return false;
        }
        int headerBytes = header.bytes().limit();
        boolean filled = libc.write(in, header.address(), headerBytes) == headerBytes;
        position.bytes().putLong(0, offset);
        for (int left = length; filled && left > 0; ) {
            long moved = libc.splice(file, position.address(), in, 0, left, SPLICE_F_NONBLOCK, 0);
            filled = moved > 0;
            left -= (int) moved;
        }
        if (!filled) {
            close();
            return false;
        }
        heldBytes = headerBytes + length;
        return true;
    }

    /** Whether a reply is in it. */
    public boolean filled() {
        return heldBytes > 0;
    }

    int drainTo(int device) {
        long sent = libc.splice(out, 0, device, 0, heldBytes, 0, 0);
        int errno = sent < 0 ? Errno.last() : 0;
        boolean whole = sent == heldBytes;
        heldBytes = 0;
        if (whole) {
            return 0;
        }
        close();
        return errno == 0 ? Errno.EIO : errno;
    }

    /**
     * One that is not as large as wanted is no use: the limit ({@code fs.pipe-max-size}) will be no other next time.
     */
    private boolean open() {
        if (out != NONE || useless) {
            return !useless;
        }
        if (libc.pipe2(ends.address(), O_CLOEXEC) < 0) {
            return false;
        }
        out = ends.bytes().getInt(0);
        in = ends.bytes().getInt(Integer.BYTES);
        useless = libc.fcntl(in, F_SETPIPE_SZ, pipeBytes) < pipeBytes;
        if (useless) {
            close();
        }
        return !useless;
    }

    /** Closes the pipe with whatever is in it; the next reply gets a new one. */
    @Override
    public void close() {
        heldBytes = 0;
        if (out != NONE) {
            libc.close(out);
            libc.close(in);
            out = NONE;
            in = NONE;
        }
    }
}
