package io.hearth.fuse.plan;

import io.hearth.fuse.plan.Snapshot.Node;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What Linux answers to calls with a path on a read-only file system that has these nodes. The order in which it finds
 * reasons to refuse is the kernel's ({@code fs/namei.c}, {@code fs/open.c}).
 */
final class Oracle {
    static final int WRITE_ONLY = 01;
    static final int READ_WRITE = 02;
    static final int CREATE = 0100;
    static final int EXCLUSIVE = 0200;
    static final int TRUNCATE = 01000;
    static final int APPEND = 02000;
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    static final int DIRECT = ARM ? 0200000 : 040000;
    static final int DIRECTORY = ARM ? 040000 : 0200000;
    static final int NO_FOLLOW = ARM ? 0100000 : 0400000;

    private static final int PATH_BYTES_MAX = 4095;
    private static final int NAME_BYTES_MAX = 255;
    private static final int EXECUTE = 1;
    private static final int WRITE = 2;

    private final Shown shown;
    private final String statfs;
    private final int rootBytes;

    /** The nodes by path; a path through a file is never asked. */
    interface Shown {
        Optional<Node> node(String path);
    }

    /** A node, or an errno's name. */
    private record Found(Optional<Node> node, String errno, String path) {}

    /**
     * @param statfs the answer to {@code STATFS}
     * @param rootBytes length of what stands before every path
     */
    Oracle(Shown shown, String statfs, int rootBytes) {
        this.shown = shown;
        this.statfs = statfs;
        this.rootBytes = rootBytes;
    }

    /** The path's node, if a look-up finds one. */
    Optional<Node> node(byte[] path) {
        return find(path).node();
    }

    /** Its path as the listing has it, if a look-up finds it. */
    String path(byte[] path) {
        return find(path).path();
    }

    String answer(Call call) {
        return switch (call.verb()) {
            case OPEN -> open(call);
            case STAT ->
                find(call.path())
                        .node()
                        .map(Node::stat)
                        .orElse(find(call.path()).errno());
            case ACCESS -> onNode(call, access(call));
            case GETXATTR, LISTXATTR -> onNode(call, "ENOTSUP");
            case READLINK -> onNode(call, "EINVAL");
            case STATFS -> onNode(call, statfs);
            case TRUNCATE ->
                find(call.path()).node().filter(Node::directory).isPresent() ? "EISDIR" : onNode(call, "EROFS");
            case CHMOD, CHOWN, UTIMENS, SETXATTR, REMOVEXATTR -> onNode(call, "EROFS");
            case UNLINK, RMDIR -> inParent(call.path()).orElse("EROFS");
            case RENAME ->
                inParent(call.path()).or(() -> inParent(call.other())).orElse("EROFS");
            case MKDIR, MKFIFO, SYMLINK -> made(call.path());
            case LINK ->
                find(call.path()).node().isPresent()
                        ? made(call.other())
                        : find(call.path()).errno();
            default -> throw new IllegalArgumentException(call + " has no path");
        };
    }

    private String onNode(Call call, String answer) {
        Found found = find(call.path());
        return found.node().isPresent() ? answer : found.errno();
    }

    private String access(Call call) {
        boolean file =
                find(call.path()).node().filter(node -> !node.directory()).isPresent();
        if ((call.a() & WRITE) != 0) {
            return "EROFS";
        }
        return file && (call.a() & EXECUTE) != 0 ? "EACCES" : "ok";
    }

    private String open(Call call) {
        long flags = call.a();
        boolean writes = (flags & (WRITE_ONLY | READ_WRITE | TRUNCATE)) != 0;
        Found found = find(call.path());
        if (found.node().isEmpty()) {
            return found.errno().equals("ENOENT")
                            && (flags & CREATE) != 0
                            && inParent(call.path()).isEmpty()
                    ? "EROFS"
                    : found.errno();
        }
        boolean directory = found.node().get().directory();
        if ((flags & CREATE) != 0 && (flags & EXCLUSIVE) != 0) {
            return "EEXIST";
        } else if (!directory && (flags & DIRECTORY) != 0) {
            return "ENOTDIR";
        } else if (directory && (writes || (flags & CREATE) != 0)) {
            return "EISDIR";
        } else if (directory && (flags & DIRECT) != 0) {
            return "EINVAL";
        }
        return writes ? "EROFS" : "ok";
    }

    /** Of those that make a name: whether it is there is told before that it must not be made. */
    private String made(byte[] path) {
        Found found = find(path);
        Optional<String> refused = inParent(path);
        if (refused.isPresent()) {
            return refused.get();
        } else if (found.node().isPresent()) {
            return "EEXIST";
        }
        return found.errno().equals("ENOENT") ? "EROFS" : found.errno();
    }

    /** Why the directory that is to have the last name is none. */
    private Optional<String> inParent(byte[] path) {
        int slash = path.length - 1;
        while (slash >= 0 && path[slash] != '/') {
            slash--;
        }
        if (path.length + rootBytes > PATH_BYTES_MAX) {
            return Optional.of("ENAMETOOLONG");
        }
        Found parent = find(java.util.Arrays.copyOf(path, Math.max(0, slash)));
        if (parent.node().isEmpty()) {
            return Optional.of(parent.errno());
        }
        return parent.node().get().directory() ? Optional.empty() : Optional.of("ENOTDIR");
    }

    private Found find(byte[] path) {
        if (path.length + rootBytes > PATH_BYTES_MAX) {
            return none("ENAMETOOLONG");
        }
        String at = "";
        Node node = shown.node("").orElseThrow();
        for (int start = 0, end; start < path.length; start = end + 1) {
            end = start;
            while (end < path.length && path[end] != '/') {
                end++;
            }
            if (!node.directory()) {
                return none("ENOTDIR");
            }
            if (end == start) {
                continue;
            }
            if (end - start > NAME_BYTES_MAX) {
                return none("ENAMETOOLONG");
            }
            Optional<String> name = text(ByteBuffer.wrap(path, start, end - start));
            if (name.isEmpty()) {
                return none("ENOENT");
            }
            at = at.isEmpty() ? name.get() : at + "/" + name.get();
            Optional<Node> next = shown.node(at);
            if (next.isEmpty()) {
                return none("ENOENT");
            }
            node = next.get();
        }
        boolean slash = path.length > 0 && path[path.length - 1] == '/';
        return slash && !node.directory() ? none("ENOTDIR") : new Found(Optional.of(node), "", at);
    }

    private static Found none(String errno) {
        return new Found(Optional.empty(), errno, "");
    }

    private static Optional<String> text(ByteBuffer bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
