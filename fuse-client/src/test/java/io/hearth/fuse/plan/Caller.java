package io.hearth.fuse.plan;

import com.kenai.jffi.MemoryIO;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import jnr.constants.platform.Errno;
import jnr.ffi.LastError;
import jnr.ffi.Runtime;

/**
 * Makes calls and puts what came of them into words: {@code ok}, an errno's name, or what was read. Numbers of inodes
 * stand at the end of a line, behind {@code #}. For one thread of the process that plays the programs.
 */
final class Caller {
    private static final int BUFFER_BYTES = 4 << 20;
    private static final int PATH_BYTES = 1 << 15;
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private final Syscalls libc;
    private final byte[] root;
    private final long buffer = MEMORY.allocateMemory(BUFFER_BYTES, false);
    private final long path = MEMORY.allocateMemory(PATH_BYTES, true);
    private final long other = MEMORY.allocateMemory(PATH_BYTES, true);
    private final long attribute = MEMORY.allocateMemory(16, true);
    private final Map<Integer, Integer> descriptors = new HashMap<>();
    private final Map<Integer, List<Long>> places = new HashMap<>();
    private final Map<Integer, Mapping> mappings = new HashMap<>();

    private record Mapping(long address, long bytes) {}

    Caller(Syscalls libc, byte[] root) {
        this.libc = libc;
        this.root = root;
        byte[] name = "user.x".getBytes(StandardCharsets.US_ASCII);
        MEMORY.putZeroTerminatedByteArray(attribute, name, 0, name.length);
    }

    String answer(Call call) {
        put(path, call.path());
        put(other, call.other());
        int file = descriptors.getOrDefault(call.handle(), -1);
        return switch (call.verb()) {
            case OPEN -> open(call);
            case CLOSE -> {
                places.remove(call.handle());
                descriptors.remove(call.handle());
                yield done(libc.close(file));
            }
            case READ -> data(libc.read(file, buffer, call.a()));
            case PREAD -> data(libc.pread(file, buffer, call.a(), call.b()));
            case LSEEK -> number(libc.lseek(file, call.a(), (int) call.b()));
            case FSTAT -> stat(file, attribute + 15, Syscalls.AT_EMPTY_PATH, Syscalls.STATX_BASIC);
            case STAT ->
                stat(
                        Syscalls.AT_FDCWD,
                        path,
                        call.b() == 0 ? Syscalls.AT_SYMLINK_NOFOLLOW : 0,
                        call.a() == 0 ? Syscalls.STATX_BASIC : Syscalls.STATX_BASIC | Syscalls.STATX_BIRTH);
            case ACCESS -> done(libc.faccessat(Syscalls.AT_FDCWD, path, (int) call.a(), 0));
            case GETXATTR -> done(libc.getxattr(path, attribute, buffer, 100));
            case LISTXATTR -> done(libc.listxattr(path, buffer, 100));
            case READLINK -> done(libc.readlink(path, buffer, 100));
            case STATFS -> statfs();
            case LIST -> list(call.handle(), file, call.a());
            case SEEK_LIST -> seekList(call.handle(), file, (int) call.a());
            case MMAP -> map(call);
            case TOUCH -> touch(mappings.get(call.handle()), call.a(), (int) call.b());
            case MUNMAP -> unmap(mappings.remove(call.handle()));
            case FADVISE -> done(-libc.posix_fadvise(file, 0, 0, (int) call.a()));
            case FSYNC -> done(libc.fsync(file));
            case WRITE -> done(libc.write(file, buffer, 10));
            case FTRUNCATE -> done(libc.ftruncate(file, 0));
            case FALLOCATE -> done(libc.fallocate(file, 0, 0, 10));
            case UNLINK -> done(libc.unlink(path));
            case RMDIR -> done(libc.rmdir(path));
            case MKDIR -> done(libc.mkdir(path, 0777));
            case MKFIFO -> done(libc.mkfifo(path, 0666));
            case SYMLINK -> done(libc.symlink(attribute, path));
            case LINK -> done(libc.link(path, other));
            case RENAME -> done(libc.rename(path, other));
            case TRUNCATE -> done(libc.truncate(path, 0));
            case CHMOD -> done(libc.chmod(path, 0600));
            case CHOWN -> done(libc.chown(path, 1, 1));
            case UTIMENS -> done(libc.utimensat(Syscalls.AT_FDCWD, path, 0, 0));
            case SETXATTR -> done(libc.setxattr(path, attribute, attribute, 1, 0));
            case REMOVEXATTR -> done(libc.removexattr(path, attribute));
        };
    }

    private void put(long target, byte[] below) {
        byte[] whole = new byte[root.length + below.length];
        System.arraycopy(root, 0, whole, 0, root.length);
        System.arraycopy(below, 0, whole, root.length, below.length);
        MEMORY.putZeroTerminatedByteArray(target, whole, 0, whole.length);
    }

    private String open(Call call) {
        int descriptor = libc.open(path, (int) call.a(), 0666);
        if (descriptor >= 0) {
            descriptors.put(call.handle(), descriptor);
            places.put(call.handle(), new ArrayList<>(List.of(0L)));
        }
        return done(descriptor);
    }

    private String map(Call call) {
        // PROT_READ, MAP_SHARED. The seventh is nobody's: see Libc.splice.
        long address = libc.mmap64(0, call.b(), 1, 1, descriptors.get((int) call.a()), 0, 0);
        if (address != -1) {
            mappings.put(call.handle(), new Mapping(address, call.b()));
        }
        return done(address == -1 ? -1 : 0);
    }

    private String touch(Mapping mapping, long offset, int length) {
        byte[] bytes = new byte[length];
        MEMORY.getByteArray(mapping.address() + offset, bytes, 0, length);
        return data(bytes);
    }

    private String unmap(Mapping mapping) {
        return done(libc.munmap(mapping.address(), mapping.bytes()));
    }

    private String stat(int directory, long name, int flags, int mask) {
        if (libc.statx(directory, name, flags, mask, buffer) != 0) {
            return errno();
        }
        int mode = MEMORY.getShort(buffer + 28) & 0xffff;
        String type = (mode & 0170000) == 0040000 ? "dir" : (mode & 0170000) == 0100000 ? "file" : "type " + mode;
        String modified = time(112);
        boolean born = (MEMORY.getInt(buffer) & mask & Syscalls.STATX_BIRTH) != 0;
        String odd = (modified.equals(time(64)) ? "" : " atime=" + time(64))
                + (modified.equals(time(96)) ? "" : " ctime=" + time(96))
                + (!born || modified.equals(time(80)) ? "" : " btime=" + time(80));
        return type + " " + Integer.toOctalString(mode & 07777)
                + " size=" + MEMORY.getLong(buffer + 40)
                + " blocks=" + MEMORY.getLong(buffer + 48)
                + " links=" + MEMORY.getInt(buffer + 16)
                + " mtime=" + modified
                + odd
                + " #" + MEMORY.getLong(buffer + 32);
    }

    private String time(int at) {
        return MEMORY.getLong(buffer + at) + "." + MEMORY.getInt(buffer + at + 8);
    }

    /**
     * On 64-bit Linux: type, block size, blocks, free, available, files, free files, id, name length, fragment size.
     */
    private String statfs() {
        if (libc.statfs(path, buffer) != 0) {
            return errno();
        }
        return "blocks=" + MEMORY.getLong(buffer + 16)
                + " of " + MEMORY.getLong(buffer + 72)
                + " free=" + MEMORY.getLong(buffer + 24)
                + " files=" + MEMORY.getLong(buffer + 40)
                + " names=" + MEMORY.getLong(buffer + 64);
    }

    /** The next entries, a line each: name, type, number. */
    private String list(int handle, int file, long bufferBytes) {
        long bytes = libc.getdents64(file, buffer, bufferBytes);
        if (bytes < 0) {
            return errno();
        }
        StringBuilder lines = new StringBuilder();
        List<Long> known = places.get(handle);
        for (long at = buffer; at < buffer + bytes; at += MEMORY.getShort(at + 16) & 0xffff) {
            byte[] name = MEMORY.getZeroTerminatedByteArray(at + 19);
            lines.append(Call.printable(name)).append(MEMORY.getByte(at + 18) == 4 ? " dir" : " type ");
            lines.append(MEMORY.getByte(at + 18) == 4 ? "" : MEMORY.getByte(at + 18));
            lines.append(" #").append(MEMORY.getLong(at)).append('\n');
            known.add(MEMORY.getLong(at + 8));
        }
        return lines.toString();
    }

    private String seekList(int handle, int file, int entries) {
        List<Long> known = places.get(handle);
        long place = known.get(entries);
        known.subList(entries + 1, known.size()).clear();
        return done(libc.lseek(file, place, 0) == place ? 0 : -1);
    }

    private String data(long length) {
        if (length < 0) {
            return errno();
        }
        byte[] bytes = new byte[(int) length];
        MEMORY.getByteArray(buffer, bytes, 0, bytes.length);
        return data(bytes);
    }

    /** Bytes in words. */
    static String data(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return "bytes=" + bytes.length + " crc=" + Long.toHexString(sum.getValue());
    }

    private static String number(long result) {
        return result < 0 ? errno() : "at " + result;
    }

    /** A negative number other than -1 is an errno itself. */
    private static String done(long result) {
        return result >= 0
                ? "ok"
                : result == -1 ? errno() : Errno.valueOf(-result).name();
    }

    private static String errno() {
        return Errno.valueOf(LastError.getLastError(Runtime.getSystemRuntime())).name();
    }
}
