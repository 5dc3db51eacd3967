package io.hearth.fuse.plan;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * One system call.
 *
 * @param handle what an earlier {@code OPEN} or {@code MMAP} was given; of those two, what it is to be known by
 * @param path relative to the mount point, or empty; not always text
 * @param other a second path, of those that take two
 */
record Call(Verb verb, int handle, long a, long b, byte[] path, byte[] other) {
    private static final byte[] NONE = {};

    /** What can be called; {@code a} and {@code b} in this order. */
    enum Verb {
        /** Flags. */
        OPEN,
        CLOSE,
        /** Length. */
        READ,
        /** Length, offset. */
        PREAD,
        /** Offset, whence. */
        LSEEK,
        FSTAT,
        /** Whether the time of birth is wanted too, whether links are followed. */
        STAT,
        /** Mode. */
        ACCESS,
        GETXATTR,
        LISTXATTR,
        READLINK,
        STATFS,
        /** Bytes of the buffer. */
        LIST,
        /** Entries before the place to go to. */
        SEEK_LIST,
        /** The file's handle, length. */
        MMAP,
        /** Offset, length. */
        TOUCH,
        MUNMAP,
        /** Advice. */
        FADVISE,
        FSYNC,
        WRITE,
        FTRUNCATE,
        FALLOCATE,
        UNLINK,
        RMDIR,
        MKDIR,
        MKFIFO,
        SYMLINK,
        LINK,
        RENAME,
        TRUNCATE,
        CHMOD,
        CHOWN,
        UTIMENS,
        SETXATTR,
        REMOVEXATTR
    }

    static Call of(Verb verb, int handle, long a, long b) {
        return new Call(verb, handle, a, b, NONE, NONE);
    }

    static Call of(Verb verb, byte[] path) {
        return new Call(verb, 0, 0, 0, path, NONE);
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(verb.ordinal());
        out.writeInt(handle);
        out.writeLong(a);
        out.writeLong(b);
        out.writeShort(path.length);
        out.write(path);
        out.writeShort(other.length);
        out.write(other);
    }

    static Call read(DataInput in) throws IOException {
        Verb verb = Verb.values()[in.readByte()];
        int handle = in.readInt();
        long a = in.readLong();
        long b = in.readLong();
        byte[] path = new byte[in.readUnsignedShort()];
        in.readFully(path);
        byte[] other = new byte[in.readUnsignedShort()];
        in.readFully(other);
        return new Call(verb, handle, a, b, path, other);
    }

    @Override
    public String toString() {
        return verb + " handle=" + handle + " a=" + a + " b=" + b + " " + brief(path) + " " + brief(other);
    }

    private static String brief(byte[] path) {
        return printable(path).replaceAll("((.{2,6}?)\\2\\2)\\2+", "$1(and so on)");
    }

    /** Bytes as one word of ASCII, for answers. */
    static String printable(byte[] bytes) {
        StringBuilder word = new StringBuilder();
        for (byte value : bytes) {
            if (value > ' ' && value < 127 && value != '%') {
                word.append((char) value);
            } else {
                word.append(String.format("%%%02x", value & 0xff));
            }
        }
        return word.toString();
    }

    static String printable(String text) {
        return printable(text.getBytes(StandardCharsets.UTF_8));
    }
}
