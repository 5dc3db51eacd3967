package io.hearth.worker.descriptor;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.SaveError;
import jnr.ffi.byref.IntByReference;

/**
 * A FUSE mount that says yes to everything: its one file can be written by all, and each open of it is answered with the
 * number of a file that the kernel keeps. Answers on a thread of its own; read and written by other processes only.
 */
public final class HostileMount implements AutoCloseable {
    public static final String NAME = "file";
    private static final int DIRECTORY = 0040777;
    private static final int FILE = 0100777;
    private static final long ROOT_NODE = 1;
    private static final int HEADER_BYTES = 16;
    private static final int ENOSYS = 38;
    /** FUSE_BIG_WRITES, FUSE_INIT_EXT and FUSE_PASSTHROUGH. */
    private static final long FLAGS = 1L << 5 | 1L << 30 | 1L << 37;

    private static final int FOPEN_PASSTHROUGH = 1 << 7;
    private static final long NO_SET_USER_ID_NO_DEVICES = 2 | 4;
    private static final int DETACH = 2;
    /** {@code _IOR(229, 0, uint32_t)}. */
    private static final long CLONE = 0x8004_E500L;

    private static final int READ_WRITE_CLOSE_ON_EXEC = 2 | 02000000;

    private final Path directory;
    private final FileDescriptor device;
    private final long fileBytes;
    private final Thread server;
    private volatile int backingId;

    /** Calls of the C library. */
    public interface C {
        @SaveError
        int open(String path, int flags);

        @SaveError
        int ioctl(int descriptor, long request, IntByReference argument);

        @SaveError
        int mount(String source, String target, String type, long flags, String options);

        @SaveError
        int umount2(String target, int flags);
    }

    /** Mounts; only root may. */
    public HostileMount(Path directory, long fileBytes) throws IOException {
        this.directory = directory;
        this.fileBytes = fileBytes;
        this.device = new FileDescriptor(calls().open("/dev/fuse", READ_WRITE_CLOSE_ON_EXEC));
        String options = "fd=" + device.intValue() + ",rootmode=40777,user_id=0,group_id=0,allow_other";
        int result = calls().mount("hostile", directory.toString(), "fuse", NO_SET_USER_ID_NO_DEVICES, options);
        if (result != 0) {
            device.close();
            throw new IOException("cannot mount on " + directory);
        }
        server = new Thread(this::serve, "hostile-mount");
        server.setDaemon(true);
        server.start();
    }

    private static C calls() {
        return LibraryLoader.create(C.class).load("c");
    }

    /** The number of its device. */
    int device() {
        return device.intValue();
    }

    /** A descriptor of its own of this mount, as a mount gives it to its read path. */
    public int copyOfDevice() {
        int fresh = calls().open("/dev/fuse", READ_WRITE_CLOSE_ON_EXEC);
        if (calls().ioctl(fresh, CLONE, new IntByReference(device.intValue())) != 0) {
            throw new IllegalStateException("no clone of the device");
        }
        return fresh;
    }

    /** Every open from now on names that file. */
    public void answer(int id) {
        backingId = id;
    }

    private void serve() {
        ByteBuffer request = ByteBuffer.allocateDirect(2 << 20).order(ByteOrder.nativeOrder());
        try {
            while (device.read(request, 0, request.capacity()) > 0) {
                answer(request);
            }
        } catch (IOException e) {
            // It is no mount any more.
        }
    }

    /** See linux/fuse.h: of a request its length, opcode, number and node; of an answer its length, errno and number. */
    private void answer(ByteBuffer request) throws IOException {
        long unique = request.getLong(8);
        long node = request.getLong(16);
        switch (request.getInt(4)) {
            case 26 -> send(unique, 0, init());
            case 1, 35 -> send(unique, 0, withOpen(entry(), request.getInt(4) == 35));
            case 3, 4 -> send(unique, 0, attributes(bytes(104), 16, node));
            case 14 -> send(unique, 0, opened(bytes(16), 0));
            case 27 -> send(unique, 0, bytes(16));
            case 2, 42, 36 -> {} // Nobody waits for an answer.
            case 18, 21, 20, 25, 29, 30, 34, 43 -> send(unique, 0, bytes(0));
            case 17 -> send(unique, 0, bytes(80));
            default -> send(unique, ENOSYS, bytes(0));
        }
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocateDirect(HEADER_BYTES + count)
                .order(ByteOrder.nativeOrder())
                .position(HEADER_BYTES);
    }

    private void send(long unique, int errno, ByteBuffer answer) throws IOException {
        answer.putInt(0, answer.capacity()).putInt(4, -errno).putLong(8, unique);
        device.write(answer, 0, answer.capacity());
    }

    /** {@code struct fuse_init_out}. */
    private static ByteBuffer init() {
        ByteBuffer init = bytes(64);
        init.putInt(7).putInt(40).putInt(1 << 20).putInt((int) FLAGS);
        init.putShort((short) 16)
                .putShort((short) 12)
                .putInt(1 << 20)
                .putInt(1)
                .putShort((short) 256)
                .putShort((short) 0);
        init.putInt((int) (FLAGS >>> 32)).putInt(1);
        return init;
    }

    /** {@code struct fuse_entry_out}, with room for an answer to an open. */
    private ByteBuffer entry() {
        ByteBuffer entry = bytes(128 + 16);
        entry.putLong(HEADER_BYTES, 2).putLong(HEADER_BYTES + 8, 1);
        return attributes(entry, 40, 2);
    }

    private ByteBuffer withOpen(ByteBuffer entry, boolean open) {
        if (open) {
            return opened(entry, 128);
        }
        ByteBuffer shorter = bytes(128);
        return shorter.put(HEADER_BYTES, entry, HEADER_BYTES, 128);
    }

    /** {@code struct fuse_attr}. */
    private ByteBuffer attributes(ByteBuffer answer, int at, long node) {
        boolean root = node == ROOT_NODE;
        int from = HEADER_BYTES + at;
        answer.putLong(from, node).putLong(from + 8, root ? 0 : fileBytes);
        answer.putInt(from + 60, root ? DIRECTORY : FILE).putInt(from + 64, 1).putInt(from + 80, 4096);
        return answer;
    }

    /** {@code struct fuse_open_out}. */
    private ByteBuffer opened(ByteBuffer answer, int at) {
        int from = HEADER_BYTES + at;
        return answer.putInt(from + 8, FOPEN_PASSTHROUGH).putInt(from + 12, backingId);
    }

    /** Unmounts, whoever still looks, and ends the thread. */
    @Override
    public void close() throws IOException {
        if (calls().umount2(directory.toString(), DETACH) != 0) {
            throw new IOException("cannot unmount " + directory);
        }
        try {
            server.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (server.isAlive()) {
            throw new UncheckedIOException(new IOException("the mount on " + directory + " does not end"));
        }
        device.close();
    }
}
