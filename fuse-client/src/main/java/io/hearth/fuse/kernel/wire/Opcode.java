package io.hearth.fuse.kernel.wire;

import java.util.HashMap;
import java.util.Map;

/** What the kernel may ask; of the operations that would change the tree, all, for they are refused by name. */
public enum Opcode {
    LOOKUP(1),
    FORGET(2),
    GETATTR(3),
    SETATTR(4),
    SYMLINK(6),
    MKNOD(8),
    MKDIR(9),
    UNLINK(10),
    RMDIR(11),
    RENAME(12),
    LINK(13),
    OPEN(14),
    READ(15),
    WRITE(16),
    STATFS(17),
    RELEASE(18),
    SETXATTR(21),
    REMOVEXATTR(24),
    INIT(26),
    OPENDIR(27),
    READDIR(28),
    RELEASEDIR(29),
    CREATE(35),
    INTERRUPT(36),
    DESTROY(38),
    BATCH_FORGET(42),
    FALLOCATE(43),
    READDIRPLUS(44),
    RENAME2(45),
    COPY_FILE_RANGE(47),
    TMPFILE(51),
    STATX(52),
    /** Any that this list lacks; {@code ENOSYS} stops the kernel from asking again. */
    OTHER(0);

    private static final Map<Integer, Opcode> BY_CODE = byCode();

    private final int code;

    Opcode(int code) {
        this.code = code;
    }

    /** The number on the wire; 0 for {@link #OTHER}. */
    public int code() {
        return code;
    }

    /** The operation of that number. */
    public static Opcode of(int code) {
        return BY_CODE.getOrDefault(code, OTHER);
    }

    private static Map<Integer, Opcode> byCode() {
        Map<Integer, Opcode> all = new HashMap<>();
        for (Opcode opcode : values()) {
            all.put(opcode.code, opcode);
        }
        return Map.copyOf(all);
    }
}
